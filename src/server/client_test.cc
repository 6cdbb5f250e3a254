#include <gtest/gtest.h>

#include "commands/syntax.h"
#include "server/auth.h"
#include "server/families.h"
#include "server/world_for_test.h"

namespace banyan::server {
namespace {

constexpr Bytes kWrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

// The value of a field of a CLIENT LIST line.
std::string field(const std::string& line, const std::string& name) {
  const auto at = line.find(" " + name + "=");
  if (at == std::string::npos) return "(none)";
  const auto begin = at + name.size() + 2;
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

std::string id_of(TestWorld& w, sim::Client& client) {
  const std::string reply = w.send(client, "CLIENT ID");
  return reply.substr(1, reply.size() - 3);
}

TEST(Hello, answers_in_the_protocol_that_was_asked_for) {
  TestWorld w;
  sim::Client& c = w.client();
  EXPECT_EQ(w.send(c, "HELLO 3 SETNAME me"),
            "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.5\r\n"
            "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
            "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
  EXPECT_EQ(w.send(c, "GET missing"), "_\r\n");
  EXPECT_EQ(w.send(c, "CLIENT GETNAME"), "$2\r\nme\r\n");
  EXPECT_TRUE(w.send(c, "HELLO 2").starts_with("*14\r\n"));
  EXPECT_EQ(w.send(c, "HELLO 4"), "-NOPROTO unsupported protocol version\r\n");
  EXPECT_EQ(w.send(c, "HELLO x"), "-ERR Protocol version is not an integer or out of range\r\n");
  EXPECT_EQ(w.send(c, "HELLO 3 SETNAME"), "-ERR Syntax error in HELLO option 'SETNAME'\r\n");
  EXPECT_TRUE(w.send(c, "HELLO").starts_with("*14\r\n"));
}

TEST(Auth, a_stranger_may_do_nothing_but_say_who_it_is) {
  TestWorld w({"--requirepass", "secret"});
  sim::Client& c = w.client();
  EXPECT_EQ(w.send(c, "PING"), "-NOAUTH Authentication required.\r\n");
  EXPECT_TRUE(w.send(c, "HELLO 3").starts_with("-NOAUTH HELLO must be called with"));
  EXPECT_EQ(w.send(c, "AUTH wrong"), kWrongPass);
  EXPECT_EQ(w.send(c, "AUTH somebody secret"), kWrongPass);
  EXPECT_EQ(w.send(c, "HELLO 3 AUTH default wrong"), kWrongPass);
  EXPECT_EQ(w.send(c, "AUTH a b c"), "-ERR syntax error\r\n");
  EXPECT_EQ(w.send(c, "AUTH default secret"), "+OK\r\n");
  EXPECT_EQ(w.send(c, "PING"), "+PONG\r\n");
  sim::Client& d = w.client();
  EXPECT_TRUE(w.send(d, "HELLO 3 AUTH default secret").starts_with("%7\r\n"));
  EXPECT_EQ(w.send(d, "RESET"), "+RESET\r\n");
  EXPECT_EQ(w.send(d, "PING"), "-NOAUTH Authentication required.\r\n");
}

TEST(Auth, what_follows_a_right_password_in_one_write_is_accepted) {
  TestWorld w({"--requirepass", "secret"});
  sim::Client& c = w.client();
  const std::string big(20'000, 'x');  // more than a stranger may send
  const std::string echo = fmt::format("*2\r\n$4\r\nECHO\r\n${}\r\n{}\r\n", big.size(), big);
  c.send("AUTH secret\r\n" + echo);
  EXPECT_EQ(w.receive(c), fmt::format("+OK\r\n${}\r\n{}\r\n", big.size(), big));
}

TEST(Auth, without_a_password_the_short_form_is_an_error_and_the_long_one_is_not) {
  TestWorld w;
  sim::Client& c = w.client();
  EXPECT_EQ(w.send(c, "AUTH x"),
            "-ERR AUTH <password> called without any password configured for the default user. "
            "Are you sure your configuration is correct?\r\n");
  EXPECT_EQ(w.send(c, "AUTH default x"), "+OK\r\n");
  EXPECT_EQ(w.send(c, "AUTH other x"), kWrongPass);
}

TEST(Auth, a_stranger_is_closed_after_eight_wrong_passwords) {
  TestWorld w({"--requirepass", "secret"});
  sim::Client& c = w.client();
  for (int i = 0; i < 7; ++i) EXPECT_EQ(w.send(c, "AUTH wrong"), kWrongPass);
  EXPECT_TRUE(c.is_connected());
  EXPECT_EQ(w.send(c, "AUTH wrong\r\nAUTH secret"), kWrongPass) << "nothing behind it is run";
  EXPECT_FALSE(c.is_connected());
}

TEST(Auth, a_client_that_is_no_stranger_may_err_more_often) {
  TestWorld w({"--requirepass", "secret"});
  sim::Client& c = w.client();
  EXPECT_EQ(w.send(c, "AUTH secret"), "+OK\r\n");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(w.send(c, "AUTH wrong"), kWrongPass);
  EXPECT_EQ(w.send(c, "PING"), "+PONG\r\n");
}

TEST(Auth, a_stranger_is_closed_after_ten_seconds) {
  TestWorld w({"--requirepass", "secret"});
  sim::Client& stranger = w.client();
  sim::Client& friendly = w.client();
  EXPECT_EQ(w.send(friendly, "AUTH secret"), "+OK\r\n");
  w.world.run_for(9s);
  EXPECT_TRUE(stranger.is_connected());
  w.world.run_for(3s);
  EXPECT_FALSE(stranger.is_connected());
  EXPECT_EQ(w.send(friendly, "RESET"), "+RESET\r\n");
  w.world.run_for(9s);
  EXPECT_TRUE(friendly.is_connected()) << "its ten seconds begin with RESET";
  w.world.run_for(3s);
  EXPECT_FALSE(friendly.is_connected());
}

TEST(Auth, secrets_are_compared_whole) {
  EXPECT_TRUE(is_same_secret("secret", "secret"));
  EXPECT_FALSE(is_same_secret("secre", "secret"));
  EXPECT_FALSE(is_same_secret("secretsecret", "secret"));
  EXPECT_FALSE(is_same_secret("", "secret"));
  EXPECT_FALSE(is_same_secret(Bytes("\0", 1), ""));
  EXPECT_TRUE(is_same_secret("", ""));
}

TEST(ClientList, describes_every_client_oldest_first) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_TRUE(w.send(b, "HELLO 3 SETNAME bee").starts_with("%7"));
  EXPECT_EQ(w.send(b, "SELECT 3"), "+OK\r\n");
  EXPECT_EQ(w.send(b, "CLIENT SETINFO lib-name bees"), "+OK\r\n");
  EXPECT_EQ(w.send(b, "CLIENT NO-EVICT ON"), "+OK\r\n");
  EXPECT_EQ(w.send(b, "CLIENT NO-TOUCH ON"), "+OK\r\n");
  w.world.run_for(5s);
  const std::string command = "*2\r\n$6\r\nclient\r\n$4\r\nlist\r\n";
  a.send(command);
  const std::string list = w.receive(a);
  const std::string first = list.substr(list.find("id="), list.find('\n', list.find("id=")) - 4);
  const std::string second = list.substr(list.find("id=2"));
  EXPECT_TRUE(first.starts_with("id=1 addr=10.0.")) << list;
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"name", ""},       {"age", "5"},           {"idle", "0"},       {"flags", "N"},
           {"db", "0"},        {"sub", "0"},           {"psub", "0"},       {"ssub", "0"},
           {"multi", "-1"},    {"qbuf", "26"},         {"qbuf-free", "0"},  {"argv-mem", "10"},
           {"multi-mem", "0"}, {"obl", "0"},           {"oll", "0"},        {"omem", "0"},
           {"events", "r"},    {"cmd", "client|list"}, {"user", "default"}, {"redir", "-1"},
           {"resp", "2"},      {"lib-name", ""},       {"lib-ver", ""}})
    EXPECT_EQ(field(first, name), value) << name;
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"name", "bee"},
                                                        {"idle", "5"},
                                                        {"flags", "eT"},
                                                        {"db", "3"},
                                                        {"qbuf", "0"},
                                                        {"argv-mem", "0"},
                                                        {"cmd", "client|no-touch"},
                                                        {"resp", "3"},
                                                        {"lib-name", "bees"}})
    EXPECT_EQ(field(second, name), value) << name;
}

TEST(ClientList, filters_by_type_and_by_id) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  const std::string id = id_of(w, b);
  const std::string by_id = w.send(a, "CLIENT LIST ID " + id + " 12345");
  EXPECT_NE(by_id.find("id=" + id + " "), std::string::npos);
  EXPECT_EQ(by_id.find("id=1 "), std::string::npos);
  EXPECT_EQ(w.send(a, "CLIENT LIST TYPE pubsub"), "$0\r\n\r\n");
  EXPECT_EQ(w.send(a, "CLIENT LIST TYPE replica"), "$0\r\n\r\n");
  EXPECT_NE(w.send(a, "CLIENT LIST TYPE normal").find("id=" + id + " "), std::string::npos);
  EXPECT_EQ(w.send(a, "CLIENT LIST TYPE x"), "-ERR Unknown client type 'x'\r\n");
  EXPECT_EQ(w.send(a, "CLIENT LIST ID x"), "-ERR Invalid client ID\r\n");
  EXPECT_EQ(w.send(a, "CLIENT LIST ID"), "-ERR syntax error\r\n");
}

TEST(ClientKill, closes_those_that_pass_every_filter) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  sim::Client& c = w.client();
  const std::string id = id_of(w, b);
  EXPECT_EQ(w.send(a, "CLIENT KILL ID " + id + " TYPE replica"), ":0\r\n");
  EXPECT_EQ(w.send(a, "CLIENT KILL ID " + id + " USER default SKIPME yes MAXAGE 3600"), ":0\r\n");
  // It counts as gone at once, in the same batch.
  EXPECT_EQ(w.send(a, "CLIENT KILL ID " + id + "\r\nCLIENT LIST ID " + id), ":1\r\n$0\r\n\r\n");
  EXPECT_FALSE(b.is_connected());
  EXPECT_TRUE(c.is_connected());
  w.world.run_for(3s);
  EXPECT_EQ(w.send(a, "CLIENT KILL MAXAGE 2"), ":1\r\n");
  EXPECT_FALSE(c.is_connected());
}

TEST(ClientKill, answers_before_it_closes_the_one_that_asks) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(a, "CLIENT KILL SKIPME no\r\nPING"), ":2\r\n");
  EXPECT_FALSE(a.is_connected());
  EXPECT_FALSE(b.is_connected());
  sim::Client& c = w.client();
  const std::string info = w.send(c, "CLIENT INFO");
  EXPECT_EQ(w.send(c, "CLIENT KILL " + field(info, "addr")), "+OK\r\n");
  EXPECT_FALSE(c.is_connected());
}

TEST(ClientPause, all_holds_what_is_sent_until_its_end) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(a, "CLIENT PAUSE 1000"), "+OK\r\n");
  EXPECT_EQ(w.send(b, "GET x\r\nPING"), "");
  EXPECT_EQ(field(w.send(a, "CLIENT LIST ID 2"), "flags"), "b");
  w.world.run_for(500ms);
  EXPECT_EQ(w.receive(b), "");
  w.world.run_for(500ms);
  EXPECT_EQ(w.receive(b), "$-1\r\n+PONG\r\n");
}

TEST(ClientPause, write_holds_writes_alone_and_refuses_what_it_would_refuse_anyway) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(a, "CLIENT PAUSE 100000 WRITE"), "+OK\r\n");
  EXPECT_EQ(w.send(b, "GET x"), "$-1\r\n");
  EXPECT_EQ(w.send(b, "SET x"), "-ERR wrong number of arguments for 'set' command\r\n");
  EXPECT_EQ(w.send(b, "SET x 1"), "");
  EXPECT_EQ(w.send(b, "GET x"), "") << "what comes behind keeps its place";
  EXPECT_EQ(w.send(a, "CLIENT UNBLOCK 2"), ":0\r\n") << "a pause is no blocking command";
  EXPECT_EQ(w.send(a, "CLIENT UNPAUSE"), "+OK\r\n");
  EXPECT_EQ(w.receive(b), "+OK\r\n$1\r\n1\r\n");
}

TEST(ClientPause, the_latest_end_and_the_strictest_kind_win) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(a, "CLIENT PAUSE 1000 ALL\r\nCLIENT PAUSE 10 WRITE"), "+OK\r\n+OK\r\n");
  w.world.run_for(500ms);
  EXPECT_EQ(w.send(b, "GET x"), "");
  w.world.run_for(500ms);
  EXPECT_EQ(w.receive(b), "$-1\r\n");
  EXPECT_EQ(w.send(a, "CLIENT PAUSE 10 WRITE\r\nCLIENT PAUSE 1000 WRITE"), "+OK\r\n+OK\r\n");
  w.world.run_for(500ms);
  EXPECT_EQ(w.send(b, "SET x 1"), "");
  w.world.run_for(500ms);
  EXPECT_EQ(w.receive(b), "+OK\r\n");
  EXPECT_EQ(w.send(a, "CLIENT PAUSE 9223372036854775807"), "-ERR timeout is out of range\r\n");
  EXPECT_EQ(w.send(a, "CLIENT PAUSE 9000000000000000000"), "+OK\r\n") << "for ever";
  w.world.run_for(30h);
  EXPECT_EQ(w.send(b, "PING"), "");
  EXPECT_EQ(w.send(a, "CLIENT UNPAUSE"), "+OK\r\n");
  EXPECT_EQ(w.receive(b), "+PONG\r\n");
}

TEST(ClientPause, keys_do_not_expire_meanwhile_though_they_seem_to) {
  TestWorld w;
  sim::Client& a = w.client();
  EXPECT_EQ(w.send(a, "SET x 1 PX 500\r\nCLIENT PAUSE 100000 WRITE"), "+OK\r\n+OK\r\n");
  w.world.run_for(2s);
  EXPECT_EQ(w.send(a, "GET x"), "$-1\r\n");
  EXPECT_EQ(w.server().keyspace().database(0).size(), 1U);
  EXPECT_EQ(w.send(a, "CLIENT UNPAUSE"), "+OK\r\n");
  w.world.run_for(2s);
  EXPECT_EQ(w.server().keyspace().database(0).size(), 0U);
}

TEST(ClientReply, silences_what_it_should_and_no_more) {
  TestWorld w;
  sim::Client& c = w.client();
  EXPECT_EQ(w.send(c, "CLIENT REPLY OFF\r\nPING\r\nnonsense\r\nCLIENT REPLY SKIP\r\nPING"), "");
  EXPECT_EQ(w.send(c, "CLIENT REPLY ON\r\nPING"), "+OK\r\n+PONG\r\n");
  EXPECT_EQ(w.send(c, "CLIENT REPLY SKIP\r\nPING one\r\nPING two"), "$3\r\ntwo\r\n");
  EXPECT_EQ(w.send(c, "CLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nPING"), "+OK\r\n+PONG\r\n");
  EXPECT_EQ(w.send(c, "CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING\r\nPING"), "+PONG\r\n");
  EXPECT_EQ(w.send(c, "CLIENT REPLY OFF\r\nQUIT"), "");
  EXPECT_FALSE(c.is_connected());
}

TEST(ClientUnblock, lets_the_command_that_holds_a_client_answer) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(a, "CLIENT UNBLOCK 2"), ":0\r\n");
  Connection& held = *w.server().main_worker().find(2);
  held.session().unblock = [&held](Unblock how) {
    resp::ReplyWriter(held.output(), held.session().protocol)
        .simple(how == Unblock::error ? "error" : "timeout");
    held.release();
  };
  EXPECT_EQ(w.send(a, "CLIENT UNBLOCK 2 ERROR\r\nCLIENT UNBLOCK 77"), ":1\r\n:0\r\n");
  EXPECT_EQ(w.receive(b), "+error\r\n");
  EXPECT_EQ(w.send(a, "CLIENT UNBLOCK 2"), ":0\r\n");
  EXPECT_EQ(w.send(a, "CLIENT UNBLOCK 2 maybe"),
            "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n");
}

TEST(Connections, that_stay_idle_are_closed_after_the_timeout) {
  TestWorld w({"--timeout", "5"});
  sim::Client& idle = w.client();
  sim::Client& busy = w.client();
  for (int i = 0; i < 8; ++i) {
    w.world.run_for(1s);
    EXPECT_EQ(w.send(busy, "PING"), "+PONG\r\n");
  }
  EXPECT_FALSE(idle.is_connected());
  EXPECT_TRUE(busy.is_connected());
}

TEST(Connections, beyond_the_limit_are_told_so) {
  TestWorld w({"--maxclients", "1"});
  (void)w.client();
  sim::Client& second = w.client();
  EXPECT_EQ(w.receive(second), "-ERR max number of clients reached\r\n");
  EXPECT_FALSE(second.is_connected());
}

TEST(Connections, from_elsewhere_are_refused_in_protected_mode) {
  TestWorld w({"--protected-mode", "yes"});
  sim::Client& c = w.client();
  const std::string text = w.receive(c);
  EXPECT_TRUE(text.starts_with("-DENIED Redis is running in protected mode")) << text;
  EXPECT_TRUE(text.ends_with("start accepting connections from the outside.\r\n")) << text;
  EXPECT_FALSE(c.is_connected());
}

TEST(Reset, makes_the_connection_as_it_was_but_for_the_library) {
  TestWorld w;
  sim::Client& c = w.client();
  (void)w.send(c, "HELLO 3 SETNAME me\r\nSELECT 2\r\nCLIENT NO-EVICT on\r\nCLIENT NO-TOUCH on");
  EXPECT_EQ(w.send(c, "CLIENT SETINFO lib-ver 1.2"), "+OK\r\n");
  EXPECT_EQ(w.send(c, "CLIENT REPLY OFF\r\nRESET"), "+RESET\r\n");
  const std::string info = w.send(c, "CLIENT INFO");
  EXPECT_EQ(field(info, "name"), "");
  EXPECT_EQ(field(info, "db"), "0");
  EXPECT_EQ(field(info, "flags"), "N");
  EXPECT_EQ(field(info, "resp"), "2");
  EXPECT_EQ(field(info, "lib-ver"), "1.2");
}

TEST(Documentation, of_every_connection_command_parses) {
  std::size_t count = 0;
  for (const commands::Family& family : {client_commands(), connection_commands()}) {
    for (const commands::CommandSpec& spec : family) {
      std::vector<const commands::CommandSpec*> specs = {&spec};
      for (const commands::CommandSpec& sub : spec.subcommands) specs.push_back(&sub);
      for (const commands::CommandSpec* each : specs) {
        const auto arguments = commands::parse_syntax(each->syntax, 0);
        EXPECT_TRUE(arguments.has_value()) << each->name << ": " << arguments.error().text();
        ++count;
      }
    }
  }
  EXPECT_GT(count, 20U);
}

TEST(Documentation, is_shown_to_people_without_types) {
  TestWorld w;
  sim::Client& c = w.client();
  const std::string help = w.send(c, "CLIENT HELP");
  EXPECT_NE(help.find("+PAUSE timeout [WRITE | ALL]\r\n"), std::string::npos) << help;
  EXPECT_NE(help.find("+LIST [TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] "
                      "[ID client-id [client-id ...]]\r\n"),
            std::string::npos)
      << help;
}

TEST(Time, has_microseconds_of_the_node) {
  TestWorld w;
  sim::Client& c = w.client();
  const std::string reply = w.send(c, "TIME");
  EXPECT_TRUE(reply.starts_with("*2\r\n$10\r\n17000000")) << reply;
}

}  // namespace
}  // namespace banyan::server
