// What the string commands log, applied by a replica later, must bring it to the primary's data.
#include <iterator>

#include "strings/string_testing.h"

namespace banyan::strings {

using namespace commands;

namespace {

struct StringLog : StringNode {
  Rng rng{11};
  Harness replica{{&family, 1}};

  template <std::size_t n>
  std::string one_of(const char* const (&list)[n]) {
    return list[rng.below(n)];
  }
  std::string key() { return one_of({"a", "b", "c", "d"}); }
  std::string value() {
    return one_of({"1", "-7", "2.5", "text", "9223372036854775807", "''", "longer-than-before"});
  }
  std::string lifetime() {
    const std::string in_ms = std::to_string(rng.between(1, 40));
    const std::string at_ms = std::to_string(now() + rng.between(-20, 40));
    const std::string at_s = std::to_string(now() / 1000 + rng.between(-1, 1));
    const std::string options[] = {"PX " + in_ms, "PXAT " + at_ms, "EXAT " + at_s, "EX 1", ""};
    return options[rng.below(std::size(options))];
  }
  std::string command() {
    const std::string k = key();
    const std::string commands[] = {
        "SET " + k + " " + value(),
        "SET " + k + " " + value() + " " + lifetime(),
        "SET " + k + " " + value() + " GET " + one_of({"NX", "XX", "KEEPTTL", ""}),
        "SET " + k + " " + value() + " " + one_of({"NX", "XX", "KEEPTTL"}),
        "SETNX " + k + " " + value(),
        "PSETEX " + k + " " + std::to_string(rng.between(0, 40)) + " " + value(),
        "GETSET " + k + " " + value(),
        "GETDEL " + k,
        "GETEX " + k + " " + lifetime(),
        "GETEX " + k + " PERSIST",
        "MSET " + k + " " + value() + " " + key() + " " + value(),
        "MSETNX " + k + " " + value() + " " + key() + " " + value(),
        "INCRBY " + k + " " + value(),
        "INCRBYFLOAT " + k + " " + value(),
        "APPEND " + k + " " + value(),
        "SETRANGE " + k + " " + std::to_string(rng.below(30)) + " " + value(),
    };
    return commands[rng.below(std::size(commands))];
  }

  // The replica's clock runs behind: it must not matter. It has neither DEL nor the like here.
  void apply(std::span<const Bytes> words) {
    const store::Key k = replica.keyspace.key(words[1]);
    Database db(replica.context, 0);
    if (words[0] == "DEL") {
      ASSERT_TRUE(db.erase(k));
    } else if (words[0] == "PEXPIREAT") {
      db.set_expiry(db.place(k), *parse_int(words[2]));
    } else if (words[0] == "PERSIST") {
      db.set_expiry(db.place(k), kNoExpiry);
    } else {
      ASSERT_NE(replica.run(words)[0], '-') << words[0];
    }
  }
  void apply_log(const std::string& received) {
    resp::RequestParser parser;
    std::string log(node.context.effects.encoded());
    if (node.context.effects.verbatim() && node.context.effects.dirty() > 0) log += received;
    for (Bytes rest = log; !rest.empty(); rest.remove_prefix(parser.consumed())) {
      std::vector<Bytes> words;
      ASSERT_EQ(parser.parse(rest, {}, words), resp::RequestParser::Outcome::command);
      apply(words);
    }
  }
  static std::string all_of(Harness& of) {
    std::string text;
    of.context.expiry = ExpiryMode::ignore;
    for (const Bytes key : {"a", "b", "c", "d"}) {
      IntegerText room;
      Database db(of.context, 0);
      if (const store::Entry* entry = db.peek(db.key(key)))
        text.append(key)
            .append("=")
            .append(entry->text(room))
            .append(" until " + std::to_string(entry->expiry()) + "\n");
    }
    return text;
  }
};

TEST_F(StringLog, brings_a_replica_to_the_same_data) {
  for (int i = 0; i < 20'000; ++i) {
    node.advance(rng.between(0, 10));
    replica.advance(rng.between(0, 9));
    node.context.expiry = ExpiryMode::remove;
    replica.context.expiry = ExpiryMode::ignore;
    const std::string line = command();
    run(line);
    ASSERT_NO_FATAL_FAILURE(apply_log(line + "\r\n")) << line;
    ASSERT_EQ(all_of(node), all_of(replica)) << line << "\n" << logged();
  }
}

}  // namespace
}  // namespace banyan::strings
