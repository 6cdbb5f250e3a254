#include "config/words.h"

#include <algorithm>

namespace banyan::config {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

int hex_value(char c) {
  const char low = to_lower(c);
  if (low >= '0' && low <= '9') return low - '0';
  if (low >= 'a' && low <= 'f') return low - 'a' + 10;
  return -1;
}

char unescape(char c) {
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

// Reads one word after another; `failed` once a quote was wrong.
struct WordReader {
  Bytes rest;
  bool failed = false;

  void skip_blanks() {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  }

  char take() {
    const char c = rest.front();
    rest.remove_prefix(1);
    return c;
  }

  // After a closing quote.
  void end_word() {
    if (!rest.empty() && !is_blank(rest.front())) failed = true;
  }

  void read_double_quoted(std::string& word) {
    while (!rest.empty()) {
      const char c = take();
      if (c == '"') return end_word();
      if (c != '\\' || rest.empty()) {
        word += c;
        continue;
      }
      const char escape = take();
      if (escape == 'x' && rest.size() >= 2 && hex_value(rest[0]) >= 0 && hex_value(rest[1]) >= 0) {
        word += static_cast<char>(hex_value(rest[0]) * 16 + hex_value(rest[1]));
        rest.remove_prefix(2);
      } else {
        word += unescape(escape);
      }
    }
    failed = true;
  }

  void read_single_quoted(std::string& word) {
    while (!rest.empty()) {
      const char c = take();
      if (c == '\'') return end_word();
      if (c == '\\' && !rest.empty() && rest.front() == '\'') {
        word += take();
      } else {
        word += c;
      }
    }
    failed = true;
  }

  std::string read() {
    std::string word;
    while (!rest.empty() && !is_blank(rest.front())) {
      const char c = take();
      if (c == '"') {
        read_double_quoted(word);
        return word;
      }
      if (c == '\'') {
        read_single_quoted(word);
        return word;
      }
      word += c;
    }
    return word;
  }
};

}  // namespace

std::optional<std::vector<std::string>> split_words(Bytes line) {
  std::vector<std::string> words;
  WordReader reader{.rest = line};
  for (reader.skip_blanks(); !reader.rest.empty(); reader.skip_blanks()) {
    words.push_back(reader.read());
    if (reader.failed) return std::nullopt;
  }
  return words;
}

std::string in_quotes(Bytes word) {
  std::string out = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string quote_if_needed(Bytes word) {
  const bool is_plain = std::ranges::all_of(word, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != '"' && c != '\'' && c != '\\';
  });
  return is_plain && !word.empty() ? std::string(word) : in_quotes(word);
}

}  // namespace banyan::config
