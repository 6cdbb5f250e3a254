#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

#include "net/mailbox.h"
#include "net/test_support.h"

namespace banyan::net {
namespace {

TEST(MailboxTest, a_post_wakes_a_sleeper_once_and_an_awake_loop_never) {
  Mailbox mailbox;
  std::uint64_t wakes = 0;
  const auto was_woken = [&] {
    return ::read(mailbox.descriptor(), &wakes, sizeof wakes) == sizeof wakes;
  };
  mailbox.post([] {});
  EXPECT_FALSE(was_woken());
  EXPECT_FALSE(mailbox.begin_sleep()) << "there is mail";
  EXPECT_TRUE(mailbox.run_all());
  EXPECT_FALSE(mailbox.run_all());
  ASSERT_TRUE(mailbox.begin_sleep());
  mailbox.post([] {});
  mailbox.post([] {});
  EXPECT_TRUE(was_woken());
  EXPECT_EQ(wakes, 1u);
}

struct LoopTest : NetTest {};

TEST_F(LoopTest, posts_run_on_a_later_turn_in_order) {
  std::vector<int> order;
  loop.post([&] {
    loop.post([&] {
      order.push_back(3);
      finish();
    });
    order.push_back(1);
  });
  loop.post([&] { order.push_back(2); });
  EXPECT_TRUE(order.empty());
  run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(LoopTest, posts_of_four_threads_arrive_in_the_order_of_each) {
  constexpr int kThreads = 4, kPosts = 20'000;
  std::array<int, kThreads> next{};
  int total = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i)
        loop.post([&, t, i] {
          EXPECT_EQ(next.at(t)++, i);
          if (++total == kThreads * kPosts) finish();
        });
    });
  run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total, kThreads * kPosts);
}

// Two loops that wait for nothing but each other: a lost wake-up would stop them for good.
TEST_F(LoopTest, loops_wake_each_other_without_fail) {
  Loop& other = env.start_worker("other");
  int rounds = 0;
  std::function<void()> play = [&] {
    if (++rounds == 20'000) return finish();
    other.post([&] { loop.post([&] { play(); }); });
  };
  loop.post([&] { play(); });
  run();
  EXPECT_EQ(rounds, 20'000);
}

TEST_F(LoopTest, offloaded_works_run_in_order_elsewhere_and_their_ends_here) {
  const auto here = std::this_thread::get_id();
  std::vector<int> works, ends;
  for (int i = 0; i < 50; ++i)
    loop.offload(
        [&, i] {
          EXPECT_NE(std::this_thread::get_id(), here);
          works.push_back(i);
        },
        [&, i] {
          EXPECT_EQ(std::this_thread::get_id(), here);
          ends.push_back(i);
          if (i == 49) finish();
        });
  run();
  EXPECT_EQ(works.size(), 50u);
  EXPECT_TRUE(std::is_sorted(works.begin(), works.end()));
  EXPECT_EQ(ends, works);
}

TEST_F(LoopTest, offloading_needs_no_end_and_is_finished_before_run_returns) {
  bool has_run = false;
  loop.post([&] {
    loop.offload([&] { has_run = true; }, {});
    finish();
  });
  run();
  EXPECT_TRUE(has_run);
}

TEST_F(LoopTest, timers_run_in_order_and_never_early) {
  std::vector<int> order;
  const Instant start = loop.now();
  for (const int ms : {7, 1, 4, 1}) {
    const Instant due = start + std::chrono::milliseconds(ms) + 300us;
    loop.call_at(due, [&, ms, due] {
      EXPECT_GE(loop.now(), due);
      EXPECT_GE(loop.precise_now(), due);
      order.push_back(ms);
      if (ms == 7) finish();
    });
  }
  run();
  EXPECT_EQ(order, (std::vector<int>{1, 1, 4, 7}));
}

TEST_F(LoopTest, a_cancelled_timer_does_not_run) {
  const TimerId victim = loop.call_after(1ms, [] { FAIL(); });
  loop.call_after(0ms, [&] { loop.cancel(victim); });
  loop.call_after(3ms, [&] { finish(); });
  run();
}

TEST_F(LoopTest, a_timer_that_starts_itself_again_at_once_starves_nobody) {
  std::function<void()> again = [&] { loop.call_at(loop.now(), [&] { again(); }); };
  loop.call_after(0ms, [&] { again(); });
  loop.call_after(1ms, [&] { loop.post([&] { finish(); }); });
  run();
}

TEST_F(LoopTest, the_time_stands_still_within_a_callback) {
  loop.post([&] {
    const Instant now = loop.now(), precise = loop.precise_now();
    const UnixMs unix_ms = loop.unix_ms();
    while (loop.precise_now() < precise + 3ms) {
    }
    EXPECT_EQ(loop.now(), now);
    EXPECT_EQ(loop.unix_ms(), unix_ms);
    EXPECT_NEAR(static_cast<double>(unix_ms), 1e3 * static_cast<double>(::time(nullptr)), 2000.0);
    finish();
  });
  run();
}

TEST_F(LoopTest, a_timer_is_not_late_by_the_length_of_the_turn_before) {
  Instant due;
  loop.post([&] {
    due = loop.now() + 200ms;
    loop.call_at(due, [&] {
      // Had the wait been counted from the start of the long turn, this were late by 150 ms.
      EXPECT_LT(loop.precise_now(), due + 120ms);
      finish();
    });
    while (loop.precise_now() < due - 50ms) {
    }
  });
  run();
}

TEST_F(LoopTest, the_hook_runs_after_the_events_and_polls_while_it_has_more) {
  std::vector<std::string> order;
  int polls = 0;
  loop.set_turn_hook([&] {
    order.emplace_back("hook");
    if (++polls == 5) finish();
    return polls < 5;  // were the answer not heeded, the loop would wait for ever here
  });
  loop.post([&] { order.emplace_back("mail"); });
  loop.call_after(0ms, [&] { order.emplace_back("timer"); });
  run();
  ASSERT_GE(order.size(), 7u);
  EXPECT_EQ(std::vector<std::string>(order.begin(), order.begin() + 3),
            (std::vector<std::string>{"mail", "timer", "hook"}));
  EXPECT_EQ(polls, 5);
}

TEST_F(LoopTest, a_hook_without_more_to_do_lets_the_loop_sleep) {
  int turns = 0;
  loop.set_turn_hook([&] {
    ++turns;
    return false;
  });
  loop.call_after(100ms, [&] { finish(); });
  run();
  EXPECT_LE(turns, 4);
}

TEST_F(LoopTest, run_returns_what_stop_was_given_even_from_another_thread) {
  Loop& worker = env.start_worker("stopper");
  worker.post([&] { env.stop(7); });
  EXPECT_EQ(env.run(), 7);
}

TEST_F(LoopTest, stop_before_run_makes_run_return_at_once) {
  env.stop(3);
  EXPECT_EQ(env.run(), 3);
}

TEST_F(LoopTest, workers_have_threads_with_names_and_loops_of_their_own) {
  std::string name(32, '\0');
  Loop& worker = env.start_worker("a-name-beyond-fifteen");
  EXPECT_TRUE(env.has_threads());
  worker.post([&] {
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    worker.call_after(1ms, [&] { loop.post([&] { finish(); }); });
  });
  run();
  EXPECT_STREQ(name.c_str(), "a-name-beyond-f");
}

TEST_F(LoopTest, a_stopped_worker_ends_and_keeps_nobody_waiting) {
  Loop& worker = env.start_worker("worker");
  worker.post([&] {
    worker.stop();
    loop.post([&] { finish(); });
  });
  run();
  worker.post([] { FAIL(); });
}

// A closure that nobody will run may own a stream of another loop.
TEST_F(LoopTest, undelivered_mail_is_destroyed_while_its_owners_live) {
  Loop& worker = env.start_worker("worker");
  Peer peer;
  auto held = std::make_shared<int>(0);
  loop.post([&] {
    auto stream = loop.connect({.host = "127.0.0.1", .port = 1, .path = {}}, peer);
    worker.stop();
    worker.post([stream = std::move(stream), held]() mutable { stream.reset(); });
    finish();
  });
  peer.failed = [](const Error&) {};
  run();
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(LoopTest, signals_run_their_handlers_on_the_main_loop_each_time) {
  const auto here = std::this_thread::get_id();
  env.start_worker("bystander");
  int user = 0, hang_ups = 0;
  env.on_signal(Signal::user1, [&] {
    EXPECT_EQ(std::this_thread::get_id(), here);
    if (++user < 3) return static_cast<void>(::kill(::getpid(), SIGUSR1));
    ::kill(::getpid(), SIGHUP);
  });
  env.on_signal(Signal::hang_up, [&] {
    ++hang_ups;
    finish();
  });
  loop.post([] { ::kill(::getpid(), SIGUSR1); });
  run();
  EXPECT_EQ(user, 3);
  EXPECT_EQ(hang_ups, 1);
}

TEST_F(LoopTest, the_env_knows_its_process) {
  EXPECT_EQ(env.process_id(), ::getpid());
  EXPECT_GT(env.process_stats().resident_bytes, 0u);
  EXPECT_NE(random_hex(env, 40), random_hex(env, 40));
  EXPECT_TRUE(env.files().exists("/"));
}

}  // namespace
}  // namespace banyan::net
