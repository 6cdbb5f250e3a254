// Goal    No order of events, sensible or not, breaks what the headers promise to the drivers.
// Method  Each core gets thousands of random events; a small checker follows its actions.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/rng.h"
#include "replication/replica_link.h"
#include "replication/snapshot_plan.h"

namespace banyan::replication {
namespace {

const std::string kIds[] = {std::string(40, 'a'), std::string(40, 'b')};
const char* const kLines[] = {
    "",   "+PONG", "+OK",   "-ERR x", "-LOADING", "-NOMASTERLINK", "-NOAUTH", "+CONTINUE", "$5",
    "$0", "$-1",   "$EOF:", ":5",     "*1",       "+FULLRESYNC",   "\x01",    "-NOPERM x", "$"};

std::string random_line(Rng& rng) {
  const std::string& id = kIds[rng.below(2)];
  switch (rng.below(6)) {
    case 0:
      return "+CONTINUE " + id;
    case 1:
      return "+FULLRESYNC " + id + " " + std::to_string(rng.below(1000));
    case 2:
      return "$EOF:" + id;
    case 3:
      return "+OK";
    case 4:
      return "+PONG";
    default:
      return kLines[rng.below(std::size(kLines))];
  }
}

link::Event random_link_event(Rng& rng) {
  using namespace link;
  const std::uint64_t number = rng.below(8);
  const auto offset = static_cast<std::int64_t>(rng.below(2000));
  switch (rng.below(24)) {
    case 0: {
      TopologyChanged event;
      if (rng.chance(0.7)) event.primary = Address{"h", static_cast<int>(rng.below(3))};
      if (rng.chance(0.5)) event.own = Position{kIds[rng.below(2)], offset};
      return event;
    }
    case 1:
      return ConnectFailed{"refused"};
    case 2:
      return Closed{};
    case 3:
      return LineTooLong{};
    case 4:
      return SnapshotFailed{number, "disk full"};
    case 5:
      return OldDataDropped{};
    case 6:
      return SnapshotLoaded{number, rng.chance(0.3) ? "corrupt" : ""};
    case 7:
      return StreamBytes{};
    case 8:
      return StreamApplied{offset};
    case 9:
      return StreamFsynced{offset};
    case 10:
      return AckRequested{};
    case 11:
      return SnapshotProgress{5};
    case 12:
    case 13:
      return SnapshotReceived{number};
    case 14:
    case 15:
      return Connected{};
    default:
      return ReplyLine{random_line(rng)};
  }
}

// What a driver relies on.
struct LinkChecker {
  bool has_socket = false;
  std::uint64_t snapshot = 0;  // under way; 0: none
  bool is_loading = false;

  void check(const link::Action& action) {
    using namespace link;
    if (std::holds_alternative<Connect>(action)) {
      EXPECT_FALSE(has_socket) << "two sockets";
      EXPECT_EQ(snapshot, 0U) << "a snapshot of an older link";
      has_socket = true;
    } else if (std::holds_alternative<Disconnect>(action)) {
      EXPECT_TRUE(has_socket);
      has_socket = false;
    } else if (std::holds_alternative<SendCommand>(action) ||
               std::holds_alternative<SendAck>(action) ||
               std::holds_alternative<SendNewline>(action) ||
               std::holds_alternative<ResumeStream>(action)) {
      EXPECT_TRUE(has_socket);
    } else if (const auto* begin = std::get_if<BeginSnapshot>(&action)) {
      EXPECT_EQ(snapshot, 0U);
      snapshot = begin->number;
      is_loading = false;
    } else if (const auto* load = std::get_if<LoadSnapshot>(&action)) {
      EXPECT_EQ(load->number, snapshot);
      is_loading = true;
    } else if (const auto* abort = std::get_if<AbortSnapshot>(&action)) {
      EXPECT_EQ(abort->number, snapshot);
      snapshot = 0;
    } else if (std::holds_alternative<AdoptSnapshot>(action)) {
      EXPECT_TRUE(snapshot != 0 && is_loading) << "adopted what was not loaded";
      snapshot = 0;
    }
  }
};

TEST(NonsenseTest, a_link_keeps_its_promises_to_the_driver) {
  std::set<ReplicaLink::State> seen;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng(seed);
    ReplicaLink link{{.password = rng.chance(0.5) ? "p" : "", .version = "7.2.5"}};
    LinkChecker checker;
    Instant now{1000s}, last_connect{};
    link::Actions actions;
    for (int i = 0; i < 1000; ++i) {
      now += std::chrono::milliseconds(rng.below(600));
      actions.clear();
      const link::Event event = random_link_event(rng);
      const bool is_tick = rng.chance(0.2);
      // What a driver never reports: anything of a socket it does not have.
      const bool is_of_socket = !std::holds_alternative<link::TopologyChanged>(event) &&
                                !std::holds_alternative<link::SnapshotLoaded>(event) &&
                                !std::holds_alternative<link::OldDataDropped>(event);
      if (!is_tick && is_of_socket && !checker.has_socket) continue;
      if (!is_tick && std::holds_alternative<link::ConnectFailed>(event) &&
          link.state() != ReplicaLink::State::connecting)
        continue;
      if (!is_tick && (std::holds_alternative<link::Closed>(event) ||
                       std::holds_alternative<link::ConnectFailed>(event)))
        checker.has_socket = false;
      is_tick ? link.tick(now, actions) : link.on(event, now, actions);
      for (const link::Action& action : actions) {
        checker.check(action);
        if (std::holds_alternative<link::Connect>(action)) {
          const bool is_order = !is_tick && std::holds_alternative<link::TopologyChanged>(event);
          EXPECT_TRUE(is_order || now - last_connect >= ReplicaLink::kRetryPause) << "hot loop";
          last_connect = now;
        }
      }
      seen.insert(link.state());
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
  EXPECT_EQ(seen.size(), 13U) << "every state but ip_sent";
}

feed::Event random_feed_event(Rng& rng) {
  using namespace feed;
  const std::string& id = kIds[rng.below(2)];
  const auto offset = static_cast<std::int64_t>(rng.below(1500));
  const auto target = rng.chance(0.5) ? SnapshotTarget::file : SnapshotTarget::socket;
  switch (rng.below(12)) {
    case 0: {
      const PsyncRequest request{rng.chance(0.3) ? "?" : id, offset, false};
      const LogWindow window{kIds[0], kIds[1], 300, 200, 1001, true};
      return Psync{request, judge(request, window), static_cast<Refusal>(rng.below(3))};
    }
    case 1:
      return Sync{static_cast<Refusal>(rng.below(3))};
    case 2:
      return SnapshotStarted{{id, offset}, target, id};
    case 3:
      return SnapshotFileReady{offset};
    case 4:
      return SnapshotBytesSent{offset, rng.chance(0.5)};
    case 5:
      return SnapshotSent{};
    case 6:
      return rng.chance(0.1) ? Event(SnapshotFailed{}) : Event(Newline{});
    case 7:
      return rng.chance(0.1) ? Event(Closed{}) : Event(Newline{});
    case 8:
      return ReplConf{{"ACK", std::to_string(offset), "FACK", "7"}, 1000 + offset % 7};
    case 9:
      return ReplConf{{"rdb-only", rng.chance(0.2) ? "1" : "0"}, 1000};
    case 10:
      return ReplConf{{"capa", "eof", rng.chance(0.05) ? "x" : "capa", "psync2"}, 1000};
    default:
      return ReplConf{{"ACK"}, 1000};
  }
}

TEST(NonsenseTest, a_feed_writes_no_line_into_a_stream_and_dies_once) {
  std::set<ReplicaFeed::State> seen;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng(seed);
    ReplicaFeed feed("h");
    Instant now{1000s};
    feed::Actions actions;
    bool is_streaming = false, is_gone = false, in_payload = false;
    std::int64_t held = -1;
    for (int i = 0; i < 100; ++i) {
      now += std::chrono::seconds(rng.below(20));
      actions.clear();
      rng.chance(0.3) ? feed.tick(now, 60s, actions)
                      : feed.on(random_feed_event(rng), now, actions);
      for (const feed::Action& action : actions) {
        EXPECT_FALSE(is_gone) << "spoke after its end";
        const auto* line = std::get_if<feed::SendLine>(&action);
        if (line || std::holds_alternative<feed::SendNewline>(action)) {
          EXPECT_FALSE(is_streaming || in_payload) << "a line inside the stream or payload";
        }
        if (line && line->text.starts_with('$')) in_payload = true;
        if (const auto* hold = std::get_if<feed::HoldStream>(&action)) held = hold->from;
        if (const auto* start = std::get_if<feed::StartStream>(&action)) {
          EXPECT_EQ(start->from, held) << "the log does not keep these bytes";
          EXPECT_FALSE(is_streaming);
          is_streaming = true;
        }
        if (std::holds_alternative<feed::Disconnect>(action)) is_gone = true;
      }
      EXPECT_LE(feed.acked(), 1006);
      seen.insert(feed.state());
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
  EXPECT_EQ(seen.size(), 7U);
}

TEST(NonsenseTest, a_plan_runs_one_snapshot_and_serves_everybody_once) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng(seed);
    SnapshotPlan plan({.diskless = rng.chance(0.5), .diskless_delay = 2s});
    Instant now{1000s};
    std::set<ReplicaId> waiting;
    bool is_running = false;
    ReplicaId last = 0;
    const auto give = [&](const std::optional<plan::Event>& event) {
      plan::Actions actions;
      event ? plan.on(*event, now, actions) : plan.tick(now, actions);
      for (const plan::Action& action : actions) {
        if (const auto* start = std::get_if<plan::StartSnapshot>(&action)) {
          EXPECT_FALSE(is_running) << "two at once";
          EXPECT_FALSE(start->replicas.empty());
          is_running = true;
          for (const ReplicaId id : start->replicas) EXPECT_EQ(waiting.erase(id), 1U);
        } else if (const auto* join = std::get_if<plan::JoinSnapshot>(&action)) {
          EXPECT_TRUE(is_running);
          EXPECT_EQ(waiting.erase(join->id), 1U);
        }
      }
    };
    const auto finish = [&](bool ok) {
      is_running = false;
      give(plan::SnapshotFinished{ok});
    };
    for (int i = 0; i < 200; ++i) {
      now += std::chrono::milliseconds(rng.below(1000));
      const auto kind = rng.below(6);
      if (kind == 0) {
        waiting.insert(++last);
        const SnapshotWishes wishes{.exclude_data = rng.chance(0.2), .exclude_functions = false};
        give(plan::ReplicaWaiting{last, rng.chance(0.8), rng.chance(0.2), wishes});
      } else if (kind == 1 && last > 0) {
        const ReplicaId id = 1 + rng.below(last);
        waiting.erase(id);
        give(plan::ReplicaGone{id});
      } else if (kind == 2 && is_running) {
        finish(rng.chance(0.5));
      } else if (kind == 3) {
        give(plan::OtherWalk{rng.chance(0.3)});
      } else {
        give(std::nullopt);
      }
      EXPECT_EQ(plan.waiting(), waiting.size());
    }
    give(plan::OtherWalk{false});
    for (int i = 0; i < 10; ++i) {
      now += SnapshotPlan::kPauseMax;
      give(std::nullopt);
      if (is_running) finish(true);
    }
    EXPECT_TRUE(waiting.empty()) << "forgot somebody";
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST(ReplicationDocs, name_every_state) {
  std::ifstream file(BANYAN_ROOT "/docs/protocols/replication.md");
  std::stringstream text;
  text << file.rdbuf();
  const auto is_named = [&](const char* name) {
    return text.str().find("`" + std::string(name) + "`") != std::string::npos;
  };
  for (int i = 0; i <= static_cast<int>(ReplicaLink::State::streaming); ++i) {
    const char* name = to_string(static_cast<ReplicaLink::State>(i));
    EXPECT_TRUE(is_named(name)) << name;
  }
  for (int i = 0; i <= static_cast<int>(ReplicaFeed::State::gone); ++i) {
    const char* name = to_string(static_cast<ReplicaFeed::State>(i));
    EXPECT_TRUE(is_named(name)) << name;
  }
}

}  // namespace
}  // namespace banyan::replication
