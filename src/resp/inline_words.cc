#include "resp/inline_words.h"

namespace banyan::resp {
namespace {

// What separates words, and what may follow a closing quote; the C locale's isspace().
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
// What ends an unquoted word: unlike between words, vertical tab and form feed do not.
bool ends_word(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (to_lower(c) >= 'a' && to_lower(c) <= 'f') return to_lower(c) - 'a' + 10;
  return -1;
}

char escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads one character of a "..." at p, or an escape sequence; returns what follows it.
const char* read_escaped(const char* p, const char* end, char& out) {
  if (*p != '\\' || end - p < 2) {
    out = *p;
    return p + 1;
  }
  if (p[1] == 'x' && end - p >= 4 && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
    out = static_cast<char>(hex_digit(p[2]) * 16 + hex_digit(p[3]));
    return p + 4;
  }
  out = escaped(p[1]);
  return p + 2;
}

// Unescapes the quoted text at p (behind its opening quote) to `to`. Returns what follows the
// closing quote, nullptr when there is none or when it is followed by anything but a blank.
const char* unquote(const char* p, const char* end, char quote, char*& to) {
  while (p != end && *p != quote) {
    if (quote == '"') {
      p = read_escaped(p, end, *to);
    } else {
      if (*p == '\\' && end - p >= 2 && p[1] == '\'') ++p;
      *to = *p++;
    }
    ++to;
  }
  if (p == end) return nullptr;
  ++p;
  return p == end || is_blank(*p) ? p : nullptr;
}

}  // namespace

bool split_inline(Bytes line, std::vector<Bytes>& words, std::unique_ptr<char[]>& storage) {
  const std::size_t before = words.size();
  const char* p = line.data();
  const char* const end = p + line.size();
  char* to = nullptr;
  while (true) {
    while (p != end && is_blank(*p)) ++p;
    if (p == end) return true;
    const char* const start = p;
    while (p != end && !ends_word(*p) && *p != '"' && *p != '\'') ++p;
    const auto plain = static_cast<std::size_t>(p - start);
    if (p == end || ends_word(*p)) {
      words.emplace_back(start, plain);
      continue;
    }
    if (to == nullptr) {
      storage = std::make_unique_for_overwrite<char[]>(line.size());
      to = storage.get();
    }
    const char* const word = to;
    std::memcpy(to, start, plain);
    to += plain;
    p = unquote(p + 1, end, *p, to);
    if (p == nullptr) {
      words.resize(before);
      return false;
    }
    words.emplace_back(word, static_cast<std::size_t>(to - word));
  }
}

}  // namespace banyan::resp
