// Commands that read many keys, on several workers: they run beside each other, and no write comes
// in between.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>
#include <thread>

#include "engine/node_for_test.h"

namespace banyan::engine {
namespace {

constexpr int kKeys = 40;

// " k0 k1 ...", or " k0 value k1 value ...": they lie in many partitions.
std::string many_keys(char letter = 'k', const std::string& value = "") {
  std::string text;
  for (int i = 0; i < kKeys; ++i) {
    text += std::string(" ") + letter + std::to_string(i);
    if (!value.empty()) text += " " + value;
  }
  return text;
}

// "command0 tail", "command1 tail", ...: each a line.
std::string with_each(const std::string& command, const std::string& tail) {
  std::string text;
  for (int i = 0; i < kKeys; ++i)
    text += (i == 0 ? "" : "\r\n") + command + std::to_string(i) + " " + tail;
  return text;
}

TEST(SharedReads, are_what_these_commands_do) {
  std::set<std::string_view> names;
  for (const commands::Family& family : generic::data_families())
    for (const commands::CommandSpec& spec : family)
      if (has(spec.flags, commands::Flag::shares_keys)) names.insert(spec.name);
  const std::set<std::string_view> reviewed{
      "exists", "mget",  "pfcount", "sdiff",  "sinter",     "sintercard", "sort_ro",
      "sunion", "touch", "zdiff",   "zinter", "zintercard", "zunion"};
  EXPECT_EQ(names, reviewed) << "read the command: what does it change that it reads?";
}

// Would a lock be taken, it would have to wait for the reading.
TEST(SharedReads, go_beside_each_other) {
  TestNode node(2);
  node.worker(0).send(1, "MSET" + many_keys('k', "v"));
  ASSERT_TRUE(node.keyspace.begin_shared(1, store::kAllPartitions));
  auto reading = std::async(std::launch::async, [&] {
    return node.worker(0).send(1, "EXISTS" + many_keys()) +
           node.worker(0).send(1, "SORT_RO none BY w*");
  });
  EXPECT_EQ(reading.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  node.keyspace.end_shared(1);
  EXPECT_EQ(reading.get(), ":40\r\n*0\r\n");
}

TEST(SharedReads, hide_what_is_expired_and_leave_it) {
  TestNode node(2);
  node.worker(0).send(1, with_each("SET k", "v PX 5"));
  node.worker(0).send(1, "SET k7 v");
  node.advance(6ms);
  const log::Offset before = node.log.next();
  EXPECT_EQ(node.worker(0).send(1, "EXISTS" + many_keys()), ":1\r\n");
  EXPECT_EQ(node.worker(1).send(2, "TOUCH" + many_keys()), ":1\r\n");
  EXPECT_EQ(node.keyspace.database(0).size(), 40U);
  EXPECT_EQ(node.log.next(), before);
  // A reading of few keys, and one in a transaction, remove it as ever.
  EXPECT_EQ(node.worker(0).send(1, "EXISTS k0 k1"), ":0\r\n");
  EXPECT_EQ(node.keyspace.database(0).size(), 38U);
  node.worker(0).send(1, "MULTI\r\nEXISTS" + many_keys() + "\r\nEXEC");
  EXPECT_EQ(node.keyspace.database(0).size(), 1U);
  EXPECT_GT(node.log.next(), before);
}

TEST(SharedReads, do_not_concern_a_node_with_one_worker) {
  TestNode node;
  node.send(1, with_each("SET k", "v PX 5"));
  node.advance(6ms);
  EXPECT_EQ(node.send(1, "EXISTS" + many_keys()), ":0\r\n");
  EXPECT_EQ(node.keyspace.database(0).size(), 0U);
}

class SharedReadsStress : public testing::Test {
 protected:
  static constexpr unsigned kWorkers = 3;
  static constexpr int kRounds = 200;

  // Runs `round(worker, its number, round)` on a thread for each worker.
  template <class Round>
  void on_all(const Round& round) {
    std::vector<std::thread> threads;
    for (unsigned number = 0; number < kWorkers; ++number) {
      threads.emplace_back([this, &round, number] {
        for (int i = 0; i < kRounds; ++i) round(node_.worker(number), number, i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // Whether an array of kKeys replies has the same one as often.
  static bool is_whole(const std::string& reply) {
    const std::string head = "*" + std::to_string(kKeys) + "\r\n";
    if (!reply.starts_with(head)) return false;
    const std::string items = reply.substr(head.size());
    const std::size_t size = items.size() / kKeys;
    for (std::size_t at = 0; at + size <= items.size(); at += size)
      if (items.compare(at, size, items, 0, size) != 0) return false;
    return items.size() % kKeys == 0;
  }

  TestNode node_{kWorkers};
};

TEST_F(SharedReadsStress, see_all_of_a_write_or_nothing) {
  on_all([](TestWorker& worker, unsigned number, int round) {
    const std::uint64_t client = number + 1;
    const std::string values = worker.send(client, "MGET" + many_keys());
    EXPECT_TRUE(is_whole(values)) << values;
    const std::string count = worker.send(client, "EXISTS" + many_keys());
    EXPECT_TRUE(count == ":40\r\n" || count == ":0\r\n") << count;
    const std::string value =
        "v" + std::to_string(1000 * (number + 1) + static_cast<unsigned>(round));
    if (number == 0) {
      worker.loop.advance(1s);  // so that readers write different access clocks
    } else if (round % 3 == 0) {
      worker.send(client, "MSET" + many_keys('k', value));
    } else if (round % 3 == 1) {
      worker.send(client, "MULTI\r\n" + with_each("SET k", value) + "\r\nEXEC");
    } else {
      worker.send(client, "DEL" + many_keys());
    }
  });
}

// For the thread sanitizer: what all of these commands read is being changed, and expires.
TEST_F(SharedReadsStress, change_nothing) {
  on_all([](TestWorker& worker, unsigned number, int round) {
    const std::uint64_t client = number + 1;
    const auto send = [&](const std::string& lines) {
      const std::string reply = worker.send(client, lines);
      EXPECT_EQ(reply.find("-ERR"), std::string::npos) << lines << ": " << reply;
    };
    const std::string n = std::to_string(round);
    worker.loop.advance(1s);
    send(with_each("SADD s", n + " x" + n));
    send(with_each("ZADD z", n + " m" + n));
    send(with_each("PFADD p", n));
    send(with_each("SET w", n + " PX 500"));
    send(with_each("HSET h", "f " + n) + "\r\n" + with_each("HPEXPIRE h", "500 FIELDS 1 f"));
    send("SADD ids 1 2 3 4 5 6 7 8 9 10 11 12\r\nDEL s" + n + " z" + n);
    send("SUNION" + many_keys('s') + "\r\nSINTER" + many_keys('s'));
    send("SDIFF" + many_keys('s') + "\r\nSINTERCARD 40" + many_keys('s'));
    send("ZUNION 40" + many_keys('z') + "\r\nZINTER 40" + many_keys('z'));
    send("ZDIFF 40" + many_keys('z') + "\r\nZINTERCARD 40" + many_keys('z'));
    send("PFCOUNT" + many_keys('p'));
    send("TOUCH" + many_keys('w') + "\r\nEXISTS" + many_keys('w'));
    send("MGET" + many_keys('w') + "\r\nSORT_RO ids BY w* GET h*->f GET w*");
  });
}

}  // namespace
}  // namespace banyan::engine
