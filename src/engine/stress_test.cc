// Several workers on threads of their own: what the thread sanitizer is to look at, and what must
// hold whatever the order was.
#include <gtest/gtest.h>

#include <thread>

#include "engine/node_for_test.h"

namespace banyan::engine {
namespace {

constexpr unsigned kWorkers = 3;
constexpr int kRounds = 300;

// Runs `work(number)` for each worker on a thread of its own.
template <class Work>
void on_all(const Work& work) {
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < kWorkers; ++number)
    threads.emplace_back([&work, number] { work(number); });
  for (std::thread& thread : threads) thread.join();
}

TEST(EngineStress, no_increment_is_lost_under_watch) {
  TestNode node(kWorkers);
  std::array<int, kWorkers> done{};
  on_all([&](unsigned number) {
    TestWorker& worker = node.worker(number);
    const std::uint64_t client = number + 1;
    for (int i = 0; i < kRounds; ++i) {
      const std::string read = worker.send(client, "WATCH n\r\nGET n");
      const std::size_t begin = read.find("\r\n", 5) + 2;  // behind +OK and the length
      const int value = read.find("$-1") == std::string::npos ? std::stoi(read.substr(begin)) : 0;
      const std::string reply =
          worker.send(client, "MULTI\r\nSET n " + std::to_string(value + 1) +
                                  (i % 10 == 0 ? "\r\nKEYS *" : "") + "\r\nSET mine" +
                                  std::to_string(number) + " 1\r\nEXEC");
      if (reply.find("*-1\r\n") == std::string::npos) ++done[number];
    }
  });
  const std::string sum = std::to_string(done[0] + done[1] + done[2]);
  EXPECT_EQ(node.send(9, "GET n"), "$" + std::to_string(sum.size()) + "\r\n" + sum + "\r\n");
  EXPECT_GT(done[0] + done[1] + done[2], kRounds / 2);
}

TEST(EngineStress, what_is_put_is_taken_once_by_clients_of_all_workers) {
  TestNode node(kWorkers);
  std::array<int, kWorkers> taken{};
  std::atomic<int> put = 0;
  on_all([&](unsigned number) {
    TestWorker& worker = node.worker(number);
    const std::uint64_t taker = number + 1, giver = number + 101;
    // Counts what has been taken, and takes again as often; that may bring more at once.
    const auto count = [&](std::string reply) {
      for (; !reply.empty(); reply = worker.send(taker, "")) {
        for (std::size_t at = 0; (at = reply.find("*2\r\n", at)) != std::string::npos; ++at) {
          ++taken[number];
          worker.client(taker).pending += "BTAKE a b c 0\r\n";
        }
      }
    };
    count(worker.send(taker, "BTAKE a b c 0"));
    for (int i = 0; i < kRounds; ++i) {
      const std::string key(1, static_cast<char>('a' + i % 3));
      // Only what is not there already can be put, else one would be lost.
      if (worker.send(giver, "SET " + key + " v NX") == "+OK\r\n") ++put;
      worker.settle();
      count(worker.take(taker));
    }
  });
  for (unsigned round = 0; round < 3; ++round)  // settling one may give another something to do
    for (unsigned number = 0; number < kWorkers; ++number) node.worker(number).settle();
  int sum = 0;
  for (unsigned number = 0; number < kWorkers; ++number) {
    const std::string reply = node.worker(number).take(number + 1);
    for (std::size_t at = 0; (at = reply.find("*2\r\n", at)) != std::string::npos; ++at) ++sum;
    sum += taken[number];
  }
  const int left = std::stoi(node.send(9, "EXISTS a b c").substr(1));
  EXPECT_EQ(sum + left, put);
  EXPECT_GT(put, kRounds);
}

TEST(EngineStress, messages_have_one_order_for_subscribers_of_all_workers) {
  TestNode node(kWorkers);
  for (unsigned number = 0; number < kWorkers; ++number) {
    (void)node.worker(number).send(number + 1, "SUBSCRIBE a");
    (void)node.worker(number).take(number + 1);
  }
  on_all([&](unsigned number) {
    for (int i = 0; i < kRounds; ++i) {
      (void)node.worker(number).send(
          50 + number, "PUBLISH a " + std::to_string(number) + ":" + std::to_string(i));
      if (i % 7 == 0) {  // others come and go meanwhile
        (void)node.worker(number).send(80 + number, "SUBSCRIBE a b");
        node.worker(number).disconnect(80 + number);
      }
    }
  });
  std::vector<std::string> heard;
  for (unsigned number = 0; number < kWorkers; ++number) {
    node.worker(number).settle();
    heard.push_back(node.worker(number).take(number + 1));
  }
  EXPECT_EQ(heard[0], heard[1]);
  EXPECT_EQ(heard[0], heard[2]);
  EXPECT_NE(heard[0].find("0:299"), std::string::npos);
}

TEST(EngineStress, clients_that_give_up_are_not_served_as_well) {
  TestNode node(kWorkers);
  on_all([&](unsigned number) {
    TestWorker& worker = node.worker(number);
    for (int i = 0; i < kRounds; ++i) {
      const std::uint64_t client = static_cast<std::uint64_t>(i) * 8 + number + 1;
      (void)worker.send(client, "BTAKE a b 0.001");
      (void)worker.send(number + 5000, i % 2 == 0 ? "SET a 1" : "SET b 1");
      worker.loop.advance(2ms);
      worker.settle();
      const std::string reply = worker.take(client);
      EXPECT_TRUE(reply.empty() || reply == "*-1\r\n" || reply.starts_with("*2\r\n")) << reply;
      EXPECT_LE(reply.size(), 20U) << "two replies: " << reply;
      worker.disconnect(client);
    }
  });
  for (unsigned number = 0; number < kWorkers; ++number) node.worker(number).settle();
  EXPECT_FALSE(node.interest.count().any());
}

}  // namespace
}  // namespace banyan::engine
