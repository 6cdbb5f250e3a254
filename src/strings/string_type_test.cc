// The string commands on keys that hold something else.
#include "strings/string_testing.h"

namespace banyan::strings {

using namespace commands;

namespace {

const std::string kWrongType =
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

struct StringType : StringNode {
  // Puts an empty list at `key`, which exists, with the same expiry.
  void pretend_list(Bytes key) {
    Database db(node.context, 0);
    const store::Key place = db.key(key);
    const UnixMs expires_at = expiry(key);
    ASSERT_TRUE(db.erase(place));
    ASSERT_TRUE(db.open(place, values::Type::list));
    db.set_expiry(db.place(place), expires_at);
  }
  void SetUp() override {
    run("MSET list 1 string v");
    pretend_list("list");
  }
};

TEST_F(StringType, reading_and_changing_refuse_another_type) {
  for (const std::string line :
       {"GET list", "STRLEN list", "GETRANGE list 0 1", "SUBSTR list 0 1", "GETDEL list",
        "GETEX list EX 10", "GETSET list v", "SET list v GET", "SET list v NX GET", "APPEND list v",
        "SETRANGE list 0 v", "SETRANGE list 0 ''", "INCR list", "DECR list", "INCRBY list 1",
        "DECRBY list 1", "INCRBYFLOAT list 1"}) {
    EXPECT_EQ(run(line), kWrongType) << line;
    EXPECT_EQ(logged(), "") << line;
    ASSERT_EQ(entry("list")->type(), values::Type::list) << line;
  }
}

TEST_F(StringType, arguments_are_looked_at_before_the_type) {
  EXPECT_EQ(run("SETRANGE list -1 v"), "-ERR offset is out of range\r\n");
  EXPECT_EQ(run("GETRANGE list x 1"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(run("INCRBY list x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(run("SET list v GET EX 0"), "-ERR invalid expire time in 'set' command\r\n");
  EXPECT_EQ(run("INCRBYFLOAT list x"), kWrongType) << "but here the value comes first";
  EXPECT_EQ(run("GETEX list EX 0"), kWrongType);
}

TEST_F(StringType, mget_calls_it_null_and_lcs_has_words_of_its_own) {
  EXPECT_EQ(run("MGET list string"), "*2\r\n$-1\r\n$1\r\nv\r\n");
  const std::string refusal = "-ERR The specified keys must contain string values\r\n";
  EXPECT_EQ(run("LCS list string"), refusal);
  EXPECT_EQ(run("LCS string list nonsense"), refusal);
}

TEST_F(StringType, setting_replaces_whatever_there_is) {
  EXPECT_EQ(run("SETNX list v"), ":0\r\n");
  EXPECT_EQ(run("MSETNX other 1 list 2"), ":0\r\n");
  EXPECT_EQ(run("SET list v XX EX 10"), kOk);
  EXPECT_EQ(text("list"), "v");
  pretend_list("list");
  EXPECT_EQ(run("SET list w KEEPTTL"), kOk);
  EXPECT_EQ(expiry("list"), now() + 10'000);
  EXPECT_EQ(text("list"), "w");
  pretend_list("list");
  EXPECT_EQ(run("MSET list x"), kOk);
  EXPECT_EQ(text("list"), "x");
}

}  // namespace
}  // namespace banyan::strings
