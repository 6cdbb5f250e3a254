// Harness: runs commands on a keyspace without a server, for the unit tests of families.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commands/call.h"
#include "commands/keys.h"
#include "commands/registry.h"
#include "resp/request_parser.h"

namespace banyan::commands {

class Harness {
 public:
  explicit Harness(std::span<const Family> families) : registry(families) {}

  // `line` is an inline command ("SET a 'b c'"). The raw RESP reply; an error as "-...\r\n".
  std::string run(const std::string& line) {
    resp::RequestParser parser;
    std::vector<Bytes> words;
    const std::string input = line + "\r\n";
    CHECK(parser.parse(input, {}, words) == resp::RequestParser::Outcome::command);
    return run(words);
  }
  std::string run(std::span<const Bytes> words) {
    resp::Output output;
    resp::ReplyWriter reply(output, session.protocol);
    const CommandSpec* spec = registry.resolve(words).spec;
    CHECK(spec != nullptr && spec->run != nullptr);
    if (!spec->arity.accepts(words.size())) return "-wrong number of arguments\r\n";
    std::vector<KeyPosition> positions;
    (void)find_keys(*spec, words, positions);
    std::vector<store::Key> keys;
    for (const KeyPosition& p : positions) keys.push_back(keyspace.key(words[p.word]));
    context.effects.begin(true);
    Call call{.words = words,
              .keys = keys,
              .spec = *spec,
              .session = session,
              .db = Database(context, session.database),
              .reply = reply,
              .registry = registry,
              .string_bytes_max = string_bytes_max};
    if (Result<> result = spec->run(call); !result) {
      CHECK(output.empty());
      return "-" + result.error().reply_line() + "\r\n";
    }
    return output.text();
  }
  // What the last command logs: its rewritten form, or "verbatim", or "" when it logs nothing.
  std::string logged() const {
    if (context.effects.count() > 0) return std::string(context.effects.encoded());
    return context.effects.verbatim() && context.effects.dirty() > 0 ? "verbatim" : "";
  }
  void advance(UnixMs ms) { context.now += ms; }

  store::Keyspace keyspace{{.secret = {1, 2}}};
  Context context{.keyspace = keyspace, .rng = Rng(1), .now = 1'700'000'000'000};
  Session session{.authenticated = true};
  std::size_t string_bytes_max = 512UL * 1024 * 1024;
  Registry registry;
};

}  // namespace banyan::commands
