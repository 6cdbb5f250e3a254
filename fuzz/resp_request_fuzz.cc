// Property: how the network cuts the bytes must not change which commands are parsed, errors
// included; and a command that is encoded again parses to the same words.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "resp/request_parser.h"
#include "resp/request_writer.h"

namespace {

using banyan::Bytes;
using banyan::resp::Limits;
using banyan::resp::RequestParser;
using Outcome = RequestParser::Outcome;

struct Parsed {
  std::vector<std::vector<std::string>> commands;
  std::string error;
  bool operator==(const Parsed&) const = default;
};

Parsed parse_in_steps(Bytes bytes, std::size_t step, const Limits& limits) {
  Parsed parsed;
  RequestParser parser;
  std::vector<Bytes> words;
  std::string unread;
  while (!bytes.empty()) {
    const Bytes piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    std::string moved = unread + std::string(piece);
    unread.swap(moved);
    while (!unread.empty()) {
      words.clear();
      const Outcome outcome = parser.parse(unread, limits, words);
      if (outcome == Outcome::protocol_error) {
        parsed.error = parser.error();
        return parsed;
      }
      if (outcome == Outcome::need_more) {
        CHECK(words.empty() && parser.wanted() > unread.size());
        break;
      }
      CHECK(parser.consumed() > 0 && parser.consumed() <= unread.size());
      parsed.commands.emplace_back(words.begin(), words.end());
      unread.erase(0, parser.consumed());
    }
  }
  return parsed;
}

void check_encoded_parses_back(const std::vector<std::string>& command) {
  if (command.empty()) return;
  const std::vector<Bytes> views(command.begin(), command.end());
  std::string encoded;
  banyan::resp::append_command(encoded, views);
  std::vector<Bytes> words;
  RequestParser parser;
  CHECK(parser.parse(encoded, {}, words) == Outcome::command);
  CHECK(words == views && parser.consumed() == encoded.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1 + data[0] % 32;
  Limits limits;
  limits.authenticated = data[1] % 2 == 0;
  if (data[1] % 4 >= 2) limits = {.bulk_max = 40, .arguments_max = 20, .inline_max = 32};
  const Bytes bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Parsed whole = parse_in_steps(bytes, bytes.size(), limits);
  CHECK(whole == parse_in_steps(bytes, step, limits));
  for (const auto& command : whole.commands) check_encoded_parses_back(command);
  return 0;
}
