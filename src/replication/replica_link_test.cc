#include "replication/replica_link.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace banyan::replication {
namespace {

using namespace link;
using State = ReplicaLink::State;
using Words = std::vector<std::string>;

const std::string kIdA(40, 'a');
const std::string kIdB(40, 'b');

struct ReplicaLinkTest : testing::Test {  // drives one link by hand
  ReplicaLink link{{.listening_port = 6380}};
  Instant now{1000s};
  Actions actions;

  void after(const Event& event) {
    actions.clear();
    link.on(event, now, actions);
  }
  void after(Duration wait) {
    now += wait;
    actions.clear();
    link.tick(now, actions);
  }
  void after_line(const char* line) { after(ReplyLine{line}); }

  template <class T>
  const T* find() const {
    for (const Action& action : actions)
      if (const T* found = std::get_if<T>(&action)) return found;
    return nullptr;
  }
  bool said(Bytes text) const {
    return std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
      const Log* log = std::get_if<Log>(&action);
      return log && log->text.find(text) != std::string::npos;
    });
  }
  bool silent() const {  // nothing but log lines
    return std::all_of(actions.begin(), actions.end(),
                       [](const Action& action) { return std::holds_alternative<Log>(action); });
  }
  std::vector<Words> commands() const {
    std::vector<Words> result;
    for (const Action& action : actions)
      if (const auto* command = std::get_if<SendCommand>(&action)) result.push_back(command->words);
    return result;
  }

  void follow(std::optional<Position> own = std::nullopt) {
    after(TopologyChanged{Address{"10.0.0.1", 6379}, own});
  }
  void until_psync(std::optional<Position> own = std::nullopt) {
    follow(own);
    after(Connected{});
    after_line("+PONG");
    after_line("+OK");
    after_line("+OK");
    ASSERT_EQ(link.state(), State::psync_sent);
  }
  void until_receiving() {
    until_psync(Position{kIdB, 70});
    after(ReplyLine{"+FULLRESYNC " + kIdA + " 500"});
    after_line("$1000");
    ASSERT_EQ(link.state(), State::receiving_snapshot);
  }
  void until_loading() {
    until_receiving();
    after(SnapshotProgress{1000});
    after(SnapshotReceived{1});
    ASSERT_EQ(link.state(), State::loading_snapshot);
  }
  void until_streaming() {
    until_psync(Position{kIdA, 700});
    after(ReplyLine{"+CONTINUE " + kIdA});
    ASSERT_EQ(link.state(), State::streaming);
  }
  void expect_retry_after_pause() {
    EXPECT_EQ(link.state(), State::connect);
    after(999ms);
    EXPECT_FALSE(find<Connect>());
    after(1ms);
    EXPECT_TRUE(find<Connect>());
    EXPECT_TRUE(said("Connecting to MASTER 10.0.0.1:6379"));
  }
};

TEST_F(ReplicaLinkTest, a_primary_does_nothing) {
  after(100s);
  EXPECT_TRUE(actions.empty());
  for (const Event& event :
       {Event(Connected{}), Event(Closed{}), Event(ReplyLine{"+OK"}), Event(StreamApplied{5}),
        Event(SnapshotLoaded{}), Event(OldDataDropped{}), Event(AckRequested{}),
        Event(TopologyChanged{})}) {
    after(event);
    EXPECT_TRUE(actions.empty());
    EXPECT_EQ(link.state(), State::none);
  }
}

TEST_F(ReplicaLinkTest, connects_at_once_when_told_whom_to_follow) {
  follow();
  ASSERT_TRUE(find<Connect>());
  EXPECT_EQ(find<Connect>()->primary, (Address{"10.0.0.1", 6379}));
  EXPECT_TRUE(said("Connecting to MASTER 10.0.0.1:6379"));
  EXPECT_TRUE(said("MASTER <-> REPLICA sync started"));
  EXPECT_STREQ(role_name(link.state()), "connecting");
}

TEST_F(ReplicaLinkTest, sends_the_whole_handshake_in_the_order_of_redis) {
  link.set_settings({.listening_port = 6380,
                     .announce_ip = "1.2.3.4",
                     .user = "u",
                     .password = "p",
                     .version = "7.2.5"});
  follow();
  after(Connected{});
  EXPECT_EQ(commands(), (std::vector<Words>{{"PING"}}));
  after_line("-NOAUTH Authentication required.");
  EXPECT_EQ(commands(), (std::vector<Words>{{"AUTH", "u", "p"},
                                            {"REPLCONF", "listening-port", "6380"},
                                            {"REPLCONF", "ip-address", "1.2.3.4"},
                                            {"REPLCONF", "capa", "eof", "capa", "psync2"},
                                            {"REPLCONF", "version", "7.2.5"}}));
  for (State state : {State::auth_sent, State::port_sent, State::ip_sent, State::capa_sent,
                      State::version_sent}) {
    EXPECT_EQ(link.state(), state);
    EXPECT_STREQ(role_name(link.state()), "handshake");
    after_line("+OK");
  }
  EXPECT_EQ(commands(), (std::vector<Words>{{"PSYNC", "?", "-1"}}));
}

TEST_F(ReplicaLinkTest, settings_changed_in_mid_handshake_wait_for_the_next_connection) {
  follow();
  after(Connected{});
  link.set_settings({.password = "new"});
  after_line("+PONG");
  EXPECT_EQ(link.state(), State::port_sent);
}

TEST_F(ReplicaLinkTest, every_error_reply_to_ping_but_those_about_rights_is_a_reason_to_retry) {
  for (const char* good :
       {"+PONG", "+whatever", "-NOAUTH x", "-NOPERM x", "-ERR operation not permitted"}) {
    link = ReplicaLink{{}};
    follow();
    after(Connected{});
    after_line(good);
    EXPECT_EQ(link.state(), State::port_sent) << good;
  }
  for (const char* bad : {"-LOADING x", "-ERR x", "HTTP/1.1 400 Bad Request", "$5", ":1", "*0"}) {
    link = ReplicaLink{{}};
    follow();
    after(Connected{});
    after_line(bad);
    EXPECT_TRUE(find<Disconnect>()) << bad;
    EXPECT_TRUE(said(std::string("Error reply to PING from master: '") + bad));
    expect_retry_after_pause();
  }
}

TEST_F(ReplicaLinkTest, a_wrong_password_is_logged_and_tried_again) {
  link.set_settings({.password = "p"});
  follow();
  after(Connected{});
  after_line("+PONG");
  EXPECT_EQ(commands()[0], (Words{"AUTH", "p"}));
  after_line("-WRONGPASS invalid username-password pair");
  EXPECT_TRUE(said("Unable to AUTH to MASTER: -WRONGPASS invalid"));
  expect_retry_after_pause();
}

TEST_F(ReplicaLinkTest, a_primary_that_knows_no_replconf_is_still_a_primary) {
  link.set_settings({.announce_ip = "1.2.3.4", .version = "7.2.5"});
  follow();
  after(Connected{});
  after_line("+PONG");
  for (const char* what : {"listening-port", "ip-address", "capa", "version"}) {
    after_line("-ERR unknown command");
    EXPECT_TRUE(said(std::string("(Non critical) Master does not understand REPLCONF ") + what +
                     ": -ERR unknown command"));
  }
  EXPECT_EQ(link.state(), State::psync_sent);
}

TEST_F(ReplicaLinkTest, asks_for_the_byte_after_the_last_it_holds) {
  follow(Position{kIdA, 700});
  EXPECT_TRUE(said("Before turning into a replica, using my own master parameters"));
  link = ReplicaLink{{}};
  until_psync(Position{kIdA, 700});
  EXPECT_EQ(commands(), (std::vector<Words>{{"PSYNC", kIdA, "701"}}));
  EXPECT_TRUE(said("Trying a partial resynchronization (request " + kIdA + ":701)."));
}

TEST_F(ReplicaLinkTest, continues_and_acknowledges_at_once) {
  until_streaming();
  EXPECT_TRUE(said("Successful partial resynchronization with master."));
  EXPECT_TRUE(said("MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization."));
  EXPECT_EQ(find<ResumeStream>()->position, (Position{kIdA, 700}));
  EXPECT_EQ(find<SendAck>()->offset, 700);
  EXPECT_FALSE(find<AdoptId>());
  EXPECT_STREQ(role_name(link.state()), "connected");
}

TEST_F(ReplicaLinkTest, takes_a_new_id_before_the_stream_resumes) {
  until_psync(Position{kIdA, 700});
  after(ReplyLine{"+CONTINUE " + kIdB});
  EXPECT_TRUE(said("Master replication ID changed to " + kIdB));
  EXPECT_EQ(find<AdoptId>()->replid, kIdB);
  EXPECT_EQ(find<ResumeStream>()->position, (Position{kIdB, 700}));
  const auto index = [&](auto* found) {
    return std::find_if(actions.begin(), actions.end(), [&](const Action& a) {
      return std::holds_alternative<std::remove_cvref_t<decltype(*found)>>(a);
    });
  };
  EXPECT_LT(index(find<AdoptId>()), index(find<ResumeStream>()));
}

TEST_F(ReplicaLinkTest, a_bare_continue_keeps_the_id) {
  until_psync(Position{kIdA, 700});
  after_line("+CONTINUE");
  EXPECT_EQ(link.state(), State::streaming);
  EXPECT_EQ(link.position(), (Position{kIdA, 700}));
}

TEST_F(ReplicaLinkTest, nonsense_about_continuing_is_refused) {
  for (const std::string& line :
       {std::string("+CONTINUE "), "+CONTINUE" + kIdB, "+CONTINUE " + kIdB + "x",
        "+CONTINUE " + std::string(40, '\t'), std::string("+CONTINUED")}) {
    link = ReplicaLink{{}};
    until_psync(Position{kIdA, 700});
    after(ReplyLine{line});
    EXPECT_TRUE(said("Unexpected reply to PSYNC from master: "));
    EXPECT_EQ(link.position(), (Position{kIdA, 700}));
    expect_retry_after_pause();
  }
}

TEST_F(ReplicaLinkTest, continue_is_no_answer_to_who_has_nothing) {
  until_psync();
  after(ReplyLine{"+CONTINUE " + kIdA});
  EXPECT_FALSE(find<ResumeStream>());
  expect_retry_after_pause();
}

TEST_F(ReplicaLinkTest, nonsense_about_full_resync_is_refused) {
  for (const std::string& line :
       {std::string("+FULLRESYNC"), std::string("+FULLRESYNC "), "+FULLRESYNC " + kIdA,
        "+FULLRESYNC " + kIdA + " ", "+FULLRESYNC " + kIdA + " -1",
        "+FULLRESYNC " + kIdA + " 9223372036854775807", "+FULLRESYNC " + kIdA + " 1x",
        "+FULLRESYNC  " + kIdA + " 1", std::string("+FULLRESYNC abc 5"),
        "+FULLRESYNC" + kIdA + " 51"}) {
    link = ReplicaLink{{}};
    until_psync(Position{kIdB, 70});
    after(ReplyLine{line});
    EXPECT_TRUE(said("Master replied with wrong +FULLRESYNC syntax.")) << line;
    EXPECT_EQ(link.position(), (Position{kIdB, 70}));
    expect_retry_after_pause();
  }
}

TEST_F(ReplicaLinkTest, comes_back_later_to_a_primary_that_is_busy) {
  for (const char* line : {"-NOMASTERLINK Can't SYNC while not connected with my master",
                           "-LOADING Redis is loading the dataset in memory"}) {
    link = ReplicaLink{{}};
    until_psync();
    after_line(line);
    EXPECT_TRUE(said("Master is currently unable to PSYNC but should be in the future: "));
    EXPECT_TRUE(commands().empty());
    expect_retry_after_pause();
  }
}

TEST_F(ReplicaLinkTest, falls_back_to_sync_and_then_knows_no_position) {
  until_psync(Position{kIdB, 70});
  after_line("-ERR unknown command 'PSYNC'");
  EXPECT_TRUE(said("Master does not support PSYNC or is in error state (reply: -ERR unknown"));
  EXPECT_TRUE(said("Retrying with SYNC..."));
  EXPECT_EQ(commands(), (std::vector<Words>{{"SYNC"}}));
  after_line("$10");
  EXPECT_FALSE(find<BeginSnapshot>()->position);
  after(SnapshotProgress{10});
  after(SnapshotReceived{1});
  after(SnapshotLoaded{1, ""});
  EXPECT_FALSE(find<AdoptSnapshot>()->position);
  EXPECT_EQ(link.state(), State::streaming);
  EXPECT_FALSE(find<SendAck>());
  after(StreamApplied{99});
  after(5s);
  EXPECT_TRUE(actions.empty()) << "acknowledged to a primary that knows no offsets";
  after(Closed{});
  EXPECT_EQ(link.position(), std::nullopt);
}

TEST_F(ReplicaLinkTest, says_why_a_primary_that_wants_a_password_gets_nowhere) {
  until_psync();
  after_line("-NOAUTH Authentication required.");
  EXPECT_TRUE(said("Unexpected reply to PSYNC from master: -NOAUTH"));
  after_line("-NOAUTH Authentication required.");
  EXPECT_TRUE(said("MASTER aborted replication with an error: NOAUTH Authentication required."));
  expect_retry_after_pause();
}

TEST_F(ReplicaLinkTest, a_full_sync_goes_through_all_its_steps) {
  until_psync(Position{kIdB, 70});
  after(ReplyLine{"+FULLRESYNC " + kIdA + " 500"});
  EXPECT_TRUE(said("Full resync from master: " + kIdA + ":500"));
  EXPECT_STREQ(role_name(link.state()), "sync");
  after_line("");
  EXPECT_TRUE(actions.empty());
  after_line("$1000");
  EXPECT_TRUE(said("MASTER <-> REPLICA sync: receiving 1000 bytes from master to disk"));
  EXPECT_EQ(find<BeginSnapshot>()->position, (Position{kIdA, 500}));
  EXPECT_EQ(find<BeginSnapshot>()->length, 1000);
  after(SnapshotProgress{400});
  EXPECT_EQ(link.snapshot_received(), 400);
  after(SnapshotReceived{1});
  EXPECT_EQ(find<LoadSnapshot>()->number, 1);
  EXPECT_EQ(link.position(), (Position{kIdB, 70})) << "the old data is still the data";
  after(SnapshotLoaded{1, ""});
  EXPECT_EQ(find<AdoptSnapshot>()->position, (Position{kIdA, 500}));
  EXPECT_EQ(find<ResumeStream>()->position, (Position{kIdA, 500}));
  EXPECT_EQ(find<SendAck>()->offset, 500);
  EXPECT_TRUE(said("MASTER <-> REPLICA sync: Finished with success"));
  EXPECT_EQ(link.position(), (Position{kIdA, 500}));
}

TEST_F(ReplicaLinkTest, a_streamed_snapshot_is_announced_by_its_mark) {
  link.set_settings({.load_from_socket = true});
  until_psync();
  after(ReplyLine{"+FULLRESYNC " + kIdA + " 500"});
  after(ReplyLine{"$EOF:" + kIdB});
  EXPECT_TRUE(said("receiving streamed RDB from master with EOF to parser"));
  EXPECT_TRUE(said("MASTER <-> REPLICA sync: Loading DB in memory"));
  EXPECT_EQ(find<BeginSnapshot>()->mark, kIdB);
  EXPECT_EQ(link.snapshot_length(), -1);
}

TEST_F(ReplicaLinkTest, nonsense_instead_of_a_snapshot_is_refused) {
  for (const std::string& line :
       {std::string("$"), std::string("$-1"), std::string("$12x"),
        std::string("$99999999999999999999"), std::string("$EOF:short"), "$EOF:" + kIdA + "x",
        std::string("+OK"), std::string("*1"), std::string("\x01\x02")}) {
    link = ReplicaLink{{}};
    until_psync(Position{kIdB, 70});
    after(ReplyLine{"+FULLRESYNC " + kIdA + " 500"});
    after(ReplyLine{line});
    EXPECT_TRUE(said("Bad protocol from MASTER")) << line;
    EXPECT_FALSE(find<BeginSnapshot>());
    EXPECT_EQ(link.position(), (Position{kIdB, 70}));
    expect_retry_after_pause();
  }
}

TEST_F(ReplicaLinkTest, log_lines_carry_no_control_characters) {
  follow();
  after(Connected{});
  after(ReplyLine{"-ERR \x1b[2J\r" + std::string(2000, 'x')});
  for (const Action& action : actions) {
    if (const Log* log = std::get_if<Log>(&action)) {
      EXPECT_LT(log->text.size(), 400U);
      EXPECT_TRUE(std::all_of(log->text.begin(), log->text.end(), [](char c) { return c >= ' '; }));
    }
  }
}

TEST_F(ReplicaLinkTest, data_and_position_survive_every_failure_of_a_full_sync) {
  const Event failures[] = {Closed{"reset by peer"}, SnapshotFailed{1, "no space left on device"}};
  for (const Event& failure : failures) {
    link = ReplicaLink{{}};
    until_receiving();
    after(failure);
    EXPECT_EQ(find<AbortSnapshot>()->number, 1);
    EXPECT_FALSE(find<AdoptSnapshot>());
    EXPECT_EQ(link.position(), (Position{kIdB, 70}));
    expect_retry_after_pause();
  }
  link = ReplicaLink{{}};
  until_loading();
  after(SnapshotLoaded{1, "bad checksum"});
  EXPECT_TRUE(said("Failed trying to load the MASTER synchronization DB from disk: bad checksum"));
  EXPECT_TRUE(find<AbortSnapshot>());
  EXPECT_EQ(link.position(), (Position{kIdB, 70}));
  expect_retry_after_pause();
}

TEST_F(ReplicaLinkTest, a_link_lost_while_loading_does_not_waste_the_snapshot) {
  until_loading();
  after(Closed{});
  EXPECT_TRUE(silent());
  now += 5s;
  after(SnapshotLoaded{1, ""});
  EXPECT_EQ(find<AdoptSnapshot>()->position, (Position{kIdA, 500}));
  EXPECT_FALSE(find<ResumeStream>());
  EXPECT_TRUE(find<Connect>());
  EXPECT_EQ(link.position(), (Position{kIdA, 500}));
}

TEST_F(ReplicaLinkTest, tells_the_primary_that_it_lives_while_it_loads) {
  until_loading();
  after(1s);
  EXPECT_TRUE(find<SendNewline>());
  after(500ms);
  EXPECT_TRUE(actions.empty());
  after(500s);
  EXPECT_TRUE(find<SendNewline>()) << "loading takes as long as it takes";
  EXPECT_EQ(link.state(), State::loading_snapshot);
}

TEST_F(ReplicaLinkTest, old_data_that_had_to_go_is_never_claimed_again) {
  until_loading();
  after(OldDataDropped{});
  EXPECT_TRUE(said("MASTER <-> REPLICA sync: Flushing old data"));
  after(SnapshotLoaded{1, "bad checksum"});
  EXPECT_EQ(link.position(), std::nullopt);
  after(TopologyChanged{});
  EXPECT_EQ(find<BecomePrimary>()->position, std::nullopt);
}

TEST_F(ReplicaLinkTest, late_news_of_an_abandoned_snapshot_is_dropped) {
  until_loading();
  after(TopologyChanged{Address{"10.0.0.2", 6379}, {}});
  EXPECT_EQ(find<AbortSnapshot>()->number, 1);
  after(SnapshotLoaded{1, ""});
  EXPECT_TRUE(actions.empty());
  after(Connected{});
  after_line("+PONG");
  after_line("+OK");
  after_line("+OK");
  after(ReplyLine{"+FULLRESYNC " + kIdA + " 900"});
  after_line("$10");
  after(SnapshotFailed{1, "late"});
  after(SnapshotReceived{1});
  EXPECT_EQ(link.state(), State::receiving_snapshot);
  after(SnapshotReceived{2});
  after(SnapshotLoaded{1, ""});
  EXPECT_EQ(link.state(), State::loading_snapshot);
  EXPECT_EQ(link.position(), (Position{kIdB, 70}));
}

TEST_F(ReplicaLinkTest, gives_up_on_a_primary_that_falls_silent_in_any_state) {
  const auto expect_timeout = [&](const char* text) {
    after(60s);
    EXPECT_FALSE(find<Disconnect>()) << text;
    after(1ms);
    EXPECT_TRUE(find<Disconnect>()) << text;
    EXPECT_TRUE(said(text));
    EXPECT_TRUE(find<Connect>());
    link = ReplicaLink{{}};
  };
  follow();
  expect_timeout("Timeout connecting to the MASTER...");
  follow();
  after(Connected{});
  expect_timeout("Timeout connecting to the MASTER...");
  follow();
  after(Connected{});
  after_line("+PONG");
  expect_timeout("Timeout connecting to the MASTER...");
  until_psync();
  expect_timeout("Timeout connecting to the MASTER...");
  until_psync();
  after(ReplyLine{"+FULLRESYNC " + kIdA + " 500"});
  expect_timeout("Timeout receiving bulk data from MASTER...");
  until_receiving();
  expect_timeout("Timeout receiving bulk data from MASTER...");
  until_streaming();
  expect_timeout("MASTER timeout: no data nor PING received...");
}

TEST_F(ReplicaLinkTest, signs_of_life_postpone_the_timeout) {
  until_psync();
  after(40s);
  after_line("");
  after(40s);
  EXPECT_EQ(link.state(), State::psync_sent);
  after(ReplyLine{"+FULLRESYNC " + kIdA + " 500"});
  after_line("$1000");
  after(40s);
  after(SnapshotProgress{1});
  after(40s);
  EXPECT_EQ(link.state(), State::receiving_snapshot);
  link = ReplicaLink{{}};
  until_streaming();
  after(40s);
  after(StreamBytes{});
  after(40s);
  EXPECT_EQ(link.state(), State::streaming);
}

TEST_F(ReplicaLinkTest, empty_lines_are_no_answer_to_ping) {
  follow();
  after(Connected{});
  for (int i = 0; i < 61; ++i) {
    after_line("");
    EXPECT_TRUE(actions.empty());
    now += 1s;
  }
  after(0s);
  EXPECT_TRUE(said("Timeout connecting to the MASTER..."));
}

TEST_F(ReplicaLinkTest, says_at_which_step_the_primary_closed) {
  const auto expect_closed = [&](const char* text) {
    after(Closed{});
    EXPECT_TRUE(said(text)) << text;
    EXPECT_FALSE(find<Disconnect>());
    expect_retry_after_pause();
    link = ReplicaLink{{}};
  };
  follow();
  expect_closed("Error condition on socket for SYNC: connection lost");
  follow();
  after(Connected{});
  expect_closed("Master did not respond to command during SYNC handshake");
  until_psync();
  expect_closed("Master did not reply to PSYNC, will try later");
  until_psync();
  after(ReplyLine{"+FULLRESYNC " + kIdA + " 500"});
  expect_closed("I/O error reading bulk count from MASTER: connection lost");
  until_receiving();
  expect_closed("I/O error trying to sync with MASTER: connection lost");
  until_streaming();
  expect_closed("Connection with master lost.");
}

TEST_F(ReplicaLinkTest, a_line_without_end_ends_the_link) {
  follow();
  after(Connected{});
  after(LineTooLong{});
  EXPECT_TRUE(find<Disconnect>());
  EXPECT_TRUE(said("Failed to read response from the server: line too long"));
  expect_retry_after_pause();
}

TEST_F(ReplicaLinkTest, a_refused_connection_is_tried_again_once_a_second) {
  follow();
  for (int i = 0; i < 5; ++i) {
    after(ConnectFailed{"connection refused"});
    EXPECT_TRUE(said("Error condition on socket for SYNC: connection refused"));
    expect_retry_after_pause();
  }
}

TEST_F(ReplicaLinkTest, reconnects_at_once_when_a_good_link_breaks) {
  until_streaming();
  now += 10s;
  after(StreamApplied{800});
  after(Closed{});
  EXPECT_TRUE(said("Caching the disconnected master state."));
  EXPECT_TRUE(said("Reconnecting to MASTER 10.0.0.1:6379"));
  EXPECT_TRUE(find<Connect>());
  EXPECT_EQ(link.down_since(), now);
  after(Closed{});
  EXPECT_FALSE(find<Connect>()) << "a hot loop";
}

TEST_F(ReplicaLinkTest, acknowledges_what_took_effect_and_nothing_more) {
  until_streaming();
  after(StreamBytes{});
  after(1s);
  EXPECT_EQ(find<SendAck>()->offset, 700);
  after(StreamApplied{750});
  EXPECT_TRUE(actions.empty());
  after(AckRequested{});
  EXPECT_EQ(find<SendAck>()->offset, 750);
  EXPECT_FALSE(find<SendAck>()->fsynced);
  after(StreamFsynced{720});
  after(StreamApplied{740});
  after(1s);
  EXPECT_EQ(find<SendAck>()->offset, 750) << "offsets never go back";
  EXPECT_EQ(find<SendAck>()->fsynced, 720);
  after(StreamFsynced{9999});
  after(1s);
  EXPECT_EQ(find<SendAck>()->fsynced, 750);
}

TEST_F(ReplicaLinkTest, an_effect_reported_late_is_not_asked_for_again) {
  until_streaming();
  after(Closed{});
  after(StreamApplied{760});
  after(1s);
  after(Connected{});
  after_line("+PONG");
  after_line("+OK");
  after_line("+OK");
  EXPECT_EQ(commands(), (std::vector<Words>{{"PSYNC", kIdA, "761"}}));
  after(StreamApplied{770});
  EXPECT_TRUE(find<Disconnect>()) << "the answer would repeat what took effect";
}

TEST_F(ReplicaLinkTest, keeps_its_position_when_it_is_sent_to_another_primary) {
  until_streaming();
  after(StreamApplied{800});
  after(TopologyChanged{Address{"10.0.0.2", 7000}, Position{kIdB, 1}});
  EXPECT_TRUE(find<Disconnect>());
  EXPECT_EQ(find<Connect>()->primary, (Address{"10.0.0.2", 7000}));
  EXPECT_EQ(link.position(), (Position{kIdA, 800}));
}

TEST_F(ReplicaLinkTest, being_sent_to_the_same_primary_changes_nothing) {
  until_streaming();
  follow();
  EXPECT_TRUE(silent());
  EXPECT_TRUE(said("No operation performed."));
}

TEST_F(ReplicaLinkTest, becomes_a_primary_at_its_position) {
  until_streaming();
  after(StreamApplied{800});
  after(TopologyChanged{});
  EXPECT_TRUE(find<Disconnect>());
  EXPECT_EQ(find<BecomePrimary>()->position, (Position{kIdA, 800}));
  EXPECT_EQ(link.state(), State::none);
  follow(Position{kIdB, 900});
  EXPECT_EQ(link.position(), (Position{kIdB, 900}));
}

}  // namespace
}  // namespace banyan::replication
