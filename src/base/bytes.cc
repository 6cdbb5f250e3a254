#include "base/bytes.h"

#include <algorithm>

namespace banyan {

bool equals_ignoring_case(Bytes a, Bytes b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

std::string lower(Bytes text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

std::string upper(Bytes text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

Bytes trim(Bytes text) {
  constexpr Bytes kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == Bytes::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace banyan
