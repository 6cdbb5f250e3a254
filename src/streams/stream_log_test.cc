// What stream commands log: the same for every replica, whenever it runs it.
#include <gtest/gtest.h>

#include "commands/harness.h"
#include "resp/request_writer.h"
#include "streams/families.h"
#include "values/stream.h"

namespace banyan::streams {

using namespace commands;

namespace {

struct StreamLogTest : testing::Test, ChangeObserver {
  StreamLogTest() { node.context.observer = this; }

  std::string run(const std::string& line) {
    events.clear();
    return node.run(line);
  }
  // Lines of words with a space between them, as the log has them.
  static std::string requests(std::initializer_list<const char*> lines) {
    std::string out;
    for (const std::string line : lines) {
      std::vector<Bytes> words;
      for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        words.push_back(Bytes(line).substr(at, end - at));
        at = end + 1;
      }
      resp::append_command(out, words);
    }
    return out;
  }
  std::uint64_t dirty() const { return node.context.effects.dirty(); }
  const values::StreamGroup& group(Bytes key, Bytes name) {
    Database db(node.context, 0);
    return *values::Stream::of(db.peek(db.key(key))->body()).find_group(name);
  }
  void on_change(unsigned, Bytes key, EventKind kind, Bytes event) override {
    if (kind == EventKind::stream) events.push_back(std::string(key) + " " + std::string(event));
  }

  Family family = stream_commands();
  Harness node{{&family, 1}};
  std::vector<std::string> events;
};

using Events = std::vector<std::string>;

TEST_F(StreamLogTest, xadd_logs_the_id_it_made) {
  EXPECT_EQ(run("XADD s * f v"), "$15\r\n1700000000000-0\r\n");
  EXPECT_EQ(node.logged(), requests({"XADD s 1700000000000-0 f v"}));
  EXPECT_EQ(events, Events{"s xadd"});
  EXPECT_EQ(run("XADD s 1700000000000-* f v"), "$15\r\n1700000000000-1\r\n");
  EXPECT_EQ(node.logged(), requests({"XADD s 1700000000000-1 f v"}));
  EXPECT_EQ(run("XADD s NOMKSTREAM 1700000000009-1 f v"), "$15\r\n1700000000009-1\r\n");
  EXPECT_EQ(node.logged(), "verbatim");
  EXPECT_EQ(run("XADD s * f v"), "$15\r\n1700000000009-2\r\n") << "time does not go back";
}

TEST_F(StreamLogTest, trimming_is_logged_as_it_was_done) {
  node.context.limits.stream_node_entries = 2;
  for (const char* id : {"1-1", "2-1", "3-1", "4-1", "5-1"})
    run("XADD s " + std::string(id) + " f v");
  run("XADD s MAXLEN ~ 3 LIMIT 2 * f v");
  EXPECT_EQ(node.logged(), requests({"XADD s MAXLEN = 4 1700000000000-0 f v"}));
  EXPECT_EQ(events, (Events{"s xadd", "s xtrim"}));
  run("XADD s MINID ~ 4-9 1700000000001-* f v");
  EXPECT_EQ(node.logged(), requests({"XADD s MINID = 5-1 1700000000001-0 f v"}));
  EXPECT_EQ(events, (Events{"s xadd", "s xtrim"}));

  EXPECT_EQ(run("XTRIM s MAXLEN ~ 1 LIMIT 1"), ":0\r\n");
  EXPECT_EQ(node.logged(), "");
  EXPECT_EQ(run("XTRIM s MAXLEN ~ 1 LIMIT 50"), ":2\r\n");
  EXPECT_EQ(node.logged(), requests({"XTRIM s MAXLEN = 1"}));
  EXPECT_EQ(dirty(), 2U);
  EXPECT_EQ(run("XTRIM s MAXLEN 0"), ":1\r\n");
  EXPECT_EQ(node.logged(), "verbatim");
}

TEST_F(StreamLogTest, a_primary_is_obeyed_without_a_limit) {
  node.session.kind = SessionKind::primary;
  node.context.limits.stream_node_entries = 1;
  for (const char* id : {"1-1", "2-1", "3-1", "4-1"}) run("XADD s " + std::string(id) + " f v");
  EXPECT_EQ(run("XADD s MAXLEN = 1 LIMIT 2 5-1 f v"), "$3\r\n5-1\r\n");
  EXPECT_EQ(run("XLEN s"), ":1\r\n");
  EXPECT_EQ(run("XADD s MAXLEN 1 LIMIT 2 * f v").substr(0, 1), "$");
}

TEST_F(StreamLogTest, xreadgroup_logs_claims_and_where_the_group_is) {
  run("XADD s 1-1 f v");
  run("XADD s 2-1 f v");
  run("XGROUP CREATE s g 0");
  EXPECT_EQ(events, Events{"s xgroup-create"});
  run("XREADGROUP GROUP g ann COUNT 1 STREAMS s >");
  EXPECT_EQ(
      node.logged(),
      requests({"XGROUP CREATECONSUMER s g ann",
                "XCLAIM s g ann 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1",
                "XGROUP SETID s g 1-1 ENTRIESREAD 1"}));
  EXPECT_EQ(events, Events{"s xgroup-createconsumer"});

  run("XREADGROUP GROUP g ann STREAMS s 0");
  EXPECT_EQ(node.logged(), "");
  EXPECT_EQ(dirty(), 0U) << "what was delivered before is only told again";
  EXPECT_EQ(group("s", "g").pending().front().deliveries, 2U);

  run("XREADGROUP GROUP g bob NOACK STREAMS s >");
  EXPECT_EQ(node.logged(),
            requests({"XGROUP CREATECONSUMER s g bob", "XGROUP SETID s g 2-1 ENTRIESREAD 2"}));
  run("XREADGROUP GROUP g bob STREAMS s >");
  EXPECT_EQ(node.logged(), "");
}

TEST_F(StreamLogTest, a_replica_comes_to_the_same_groups) {
  Harness replica{{&family, 1}};
  replica.session.kind = SessionKind::primary;
  const char* const lines[] = {
      "XADD s * f v",
      "XADD s * f v",
      "XADD s * f v",
      "XADD s * f v",
      "XGROUP CREATE s g 0",
      "XREADGROUP GROUP g ann COUNT 3 STREAMS s >",
      "XDEL s 1700000000000-1",
      "XCLAIM s g bob 0 1700000000000-0 1700000000000-1 IDLE 500",
      "XAUTOCLAIM s g eve 0 0 COUNT 1",
      "XCLAIM s g ann 0 9-9 LASTID 1700000000000-3",
      "XACK s g 1700000000000-2",
      "XADD s MAXLEN ~ 2 * f v",
      "XREADGROUP GROUP g ann NOACK STREAMS s >",
      "XGROUP DELCONSUMER s g bob",
      "XTRIM s MAXLEN 1",
  };
  for (const char* line : lines) {
    node.run(line);
    node.advance(7);
    replica.advance(100'000);  // its clock is another
    const std::string logged = node.logged();
    if (logged == "verbatim") {
      replica.run(line);
      continue;
    }
    resp::RequestParser parser;
    std::vector<Bytes> words;
    for (Bytes rest = logged; !rest.empty();) {
      words.clear();
      ASSERT_EQ(parser.parse(rest, {}, words), resp::RequestParser::Outcome::command);
      const std::string reply = replica.run(words);
      EXPECT_NE(reply.substr(0, 1), "-") << reply;
      rest.remove_prefix(parser.consumed());
    }
    EXPECT_EQ(node.run("XPENDING s g"), replica.run("XPENDING s g")) << line;
    EXPECT_EQ(node.run("XINFO GROUPS s"), replica.run("XINFO GROUPS s")) << line;
    EXPECT_EQ(node.run("XRANGE s - +"), replica.run("XRANGE s - +")) << line;
  }
}

TEST_F(StreamLogTest, claims_are_logged_one_by_one) {
  for (const char* id : {"1-1", "2-1", "3-1"}) run("XADD s " + std::string(id) + " f v");
  run("XGROUP CREATE s g 0");
  run("XREADGROUP GROUP g ann STREAMS s >");
  run("XDEL s 2-1");
  run("XCLAIM s g ann 0 1-1 2-1 JUSTID LASTID 9-1");
  EXPECT_EQ(
      node.logged(),
      requests({"XCLAIM s g ann 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 9-1",
                "XCLAIM s g ann 0 2-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID "
                "9-1"}));
  EXPECT_EQ(dirty(), 2U);
  run("XCLAIM s g ann 0 7-7 LASTID 10-1");
  EXPECT_EQ(node.logged(), requests({"XGROUP SETID s g 10-1 ENTRIESREAD 3"}));
  run("XCLAIM s g ann 0 7-7");
  EXPECT_EQ(node.logged(), "");
  run("XAUTOCLAIM s g bob 0 0 COUNT 1");
  EXPECT_EQ(node.logged(),
            requests({"XGROUP CREATECONSUMER s g bob",
                      "XCLAIM s g bob 0 1-1 TIME 1700000000000 RETRYCOUNT 2 FORCE JUSTID LASTID "
                      "10-1"}));
}

TEST_F(StreamLogTest, consumers_remember_when_they_were_seen_and_active) {
  run("XADD s 1-1 f v");
  run("XGROUP CREATE s g $");
  run("XREADGROUP GROUP g ann STREAMS s >");
  const values::StreamConsumer* ann = group("s", "g").find_consumer("ann");
  EXPECT_EQ(ann->active, -1);
  node.advance(50);
  run("XADD s 2-1 f v");
  run("XREADGROUP GROUP g ann STREAMS s >");
  EXPECT_EQ(ann->active, node.context.now);
  node.advance(50);
  run("XCLAIM s g ann 999 1-1");
  EXPECT_EQ(ann->seen, node.context.now);
  EXPECT_EQ(ann->active, node.context.now - 50);
}

TEST_F(StreamLogTest, times_that_cannot_be_do_no_harm) {
  run("XADD s 1-1 f v");
  run("XGROUP CREATE s g 0");
  run("XREADGROUP GROUP g ann STREAMS s >");
  for (const char* idle : {"9223372036854775807", "-9223372036854775808"})
    EXPECT_EQ(run("XCLAIM s g ann 0 1-1 JUSTID IDLE " + std::string(idle)), "*1\r\n$3\r\n1-1\r\n");
  EXPECT_EQ(group("s", "g").pending().front().delivered, node.context.now);
  EXPECT_EQ(run("XPENDING s g IDLE -9223372036854775808 - + 1").substr(0, 4), "*1\r\n");
  EXPECT_EQ(run("XADD s MAXLEN 9223372036854775807 2-1 f v"), "$3\r\n2-1\r\n");
}

}  // namespace
}  // namespace banyan::streams
