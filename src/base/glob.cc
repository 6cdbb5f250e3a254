#include "base/glob.h"

namespace banyan {
namespace {

unsigned char fold(char c, bool ignore_case) {
  return static_cast<unsigned char>(ignore_case ? to_lower(c) : c);
}

// Matches the class that starts at pattern[at] == '['; sets `at` to just behind it. An unclosed
// class ends with the pattern, as in Redis.
bool match_class(Bytes pattern, std::size_t& at, char c, bool ignore_case) {
  const unsigned char want = fold(c, ignore_case);
  ++at;
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      found |= fold(pattern[at + 1], ignore_case) == want;
      at += 2;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      unsigned char low = fold(pattern[at], ignore_case);
      unsigned char high = fold(pattern[at + 2], ignore_case);
      if (low > high) std::swap(low, high);
      found |= want >= low && want <= high;
      at += 3;
    } else {
      found |= fold(pattern[at], ignore_case) == want;
      ++at;
    }
  }
  if (at < pattern.size()) ++at;
  return found != negated;
}

}  // namespace

bool glob_match(Bytes pattern, Bytes text, bool ignore_case) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = Bytes::npos;  // position behind the last '*' seen
  std::size_t star_text = 0;       // how much of the text that '*' has swallowed
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    std::size_t next = p;
    bool matched = false;
    if (p < pattern.size()) {
      if (pattern[p] == '?') {
        matched = true;
        next = p + 1;
      } else if (pattern[p] == '[') {
        matched = match_class(pattern, next, text[t], ignore_case);
      } else {
        if (pattern[p] == '\\' && p + 1 < pattern.size()) ++next;
        matched = fold(pattern[next], ignore_case) == fold(text[t], ignore_case);
        ++next;
      }
    }
    if (matched) {
      p = next;
      ++t;
    } else if (star != Bytes::npos) {
      p = star;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace banyan
