#include "resp/request_writer.h"

#include "resp/header_line.h"

namespace banyan::resp {

std::size_t command_size(std::span<const Bytes> words) {
  std::size_t size = header_size(words.size());
  for (const Bytes word : words) size += header_size(word.size()) + word.size() + 2;
  return size;
}

char* write_command(char* to, std::span<const Bytes> words) {
  to = write_header(to, '*', words.size());
  for (const Bytes word : words) {
    to = write_header(to, '$', word.size());
    if (!word.empty()) std::memcpy(to, word.data(), word.size());
    to = write_crlf(to + word.size());
  }
  return to;
}

void append_command(std::string& to, std::span<const Bytes> words) {
  const std::size_t before = to.size();
  to.resize(before + command_size(words));
  write_command(to.data() + before, words);
}

}  // namespace banyan::resp
