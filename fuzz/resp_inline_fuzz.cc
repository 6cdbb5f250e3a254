// Property: a word written between double quotes with every byte escaped is read back as it was;
// splitting any line keeps its words inside the line or the storage, and joining plain words by
// blanks splits into the same words.
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "resp/inline_words.h"

namespace {

using banyan::Bytes;
using banyan::resp::split_inline;

std::string escaped(Bytes word) {
  std::string out = "\"";
  for (const char c : word) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return out + '"';
}

std::string single_quoted(Bytes word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("\\'") : std::string(1, c);
  return out + '\'';
}

void check_reads_back(const std::string& line, const std::vector<std::string>& expected) {
  std::vector<Bytes> words;
  std::unique_ptr<char[]> storage;
  CHECK(split_inline(line, words, storage));
  CHECK(words.size() == expected.size());
  for (std::size_t i = 0; i < words.size(); ++i) CHECK(words[i] == expected[i]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of the exact size, so that the sanitizer sees a read behind it.
  const std::vector<char> copy(data, data + size);
  std::vector<Bytes> words = {"kept"};
  std::unique_ptr<char[]> storage;
  const bool balanced = split_inline(Bytes(copy.data(), copy.size()), words, storage);
  CHECK(words.front() == "kept" && (balanced || words.size() == 1));

  std::string line;
  std::string line_single;
  std::vector<std::string> expected;
  bool has_backslash = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    expected.emplace_back(words[i]);
    has_backslash = has_backslash || words[i].find('\\') != Bytes::npos;
    line += escaped(words[i]) + "\t ";
    line_single += " " + single_quoted(words[i]);
  }
  check_reads_back(line, expected);
  // Between single quotes nothing can stand for a backslash in front of a quote.
  if (!has_backslash) check_reads_back(line_single, expected);
  return 0;
}
