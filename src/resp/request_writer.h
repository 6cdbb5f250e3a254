// Encoding a command as a multibulk request: for links to other servers, the log and tests.
//
// Threads   None; pure functions.
#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "base/bytes.h"

namespace banyan::resp {

// How many bytes write_command() writes.
std::size_t command_size(std::span<const Bytes> words);
// Writes exactly command_size(words) bytes at `to`, returns their end.
char* write_command(char* to, std::span<const Bytes> words);

void append_command(std::string& to, std::span<const Bytes> words);
inline void append_command(std::string& to, std::initializer_list<Bytes> words) {
  append_command(to, std::span<const Bytes>(words.begin(), words.size()));
}
inline std::string encode_command(std::initializer_list<Bytes> words) {
  std::string encoded;
  append_command(encoded, words);
  return encoded;
}

}  // namespace banyan::resp
