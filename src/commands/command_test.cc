#include "commands/command_names.h"
#include "commands/command_table.h"
#include "generic/generic_test_support.h"

namespace banyan::commands {
namespace {

struct CommandTest : generic::GenericHarness {
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

Result<> no_run(Call&) { return {}; }

// A command as others have it, with keys in several places.
CommandSpec with_keys(std::string_view name, KeySpecs keys) {
  return {.name = name,
          .summary = "s",
          .complexity = "",
          .since = "1.0.0",
          .arity = at_least(2),
          .flags = Flag::write,
          .keys = keys,
          .run = no_run};
}

TEST_F(CommandTest, info_of_a_command) {
  EXPECT_EQ(
      run("COMMAND INFO expire"),
      "*1\r\n*10\r\n$6\r\nexpire\r\n:-3\r\n*2\r\n+write\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"
      "*3\r\n+@keyspace\r\n+@write\r\n+@fast\r\n*0\r\n"
      "*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RW\r\n+update\r\n"
      "$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n"
      "$4\r\nspec\r\n*2\r\n$5\r\nindex\r\n:1\r\n"
      "$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n"
      "$4\r\nspec\r\n*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n"
      "*0\r\n");
}

TEST_F(CommandTest, info_uses_sets_and_maps_in_resp3) {
  h.session.protocol = resp::Protocol::resp3;
  const std::string reply = run("COMMAND INFO OBJECT|freq nobody");
  EXPECT_TRUE(
      reply.starts_with("*2\r\n*10\r\n$11\r\nobject|freq\r\n:3\r\n~1\r\n+readonly\r\n"
                        ":2\r\n:2\r\n:1\r\n~3\r\n+@keyspace\r\n+@read\r\n+@slow\r\n~1\r\n"
                        "$23\r\nnondeterministic_output\r\n~1\r\n%3\r\n"));
  EXPECT_TRUE(reply.ends_with("~0\r\n_\r\n"));
}

TEST_F(CommandTest, info_of_a_container_has_its_subcommands_inside) {
  const std::string reply = run("COMMAND INFO object");
  EXPECT_TRUE(contains(reply, "*5\r\n*10\r\n$15\r\nobject|encoding\r\n"));
}

TEST_F(CommandTest, without_a_name_all_commands_are_told) {
  const std::string count = run("COMMAND COUNT");
  EXPECT_EQ(count, ":" + std::to_string(h.registry.commands().size()) + "\r\n");
  EXPECT_TRUE(run("COMMAND").starts_with("*" + count.substr(1)));
  EXPECT_EQ(run("COMMAND"), run("COMMAND INFO"));
  EXPECT_EQ(run("COMMAND FOO"), "-ERR unknown subcommand 'FOO'. Try COMMAND HELP.\r\n");
}

TEST_F(CommandTest, docs_show_the_arguments_as_a_tree) {
  h.session.protocol = resp::Protocol::resp3;
  EXPECT_EQ(run("COMMAND DOCS nobody persist"),
            "%1\r\n$7\r\npersist\r\n%5\r\n"
            "$7\r\nsummary\r\n$39\r\nTakes the time to live away from a key.\r\n" +
                std::string()
                    .append("$5\r\nsince\r\n$5\r\n2.2.0\r\n$5\r\ngroup\r\n$7\r\ngeneric\r\n")
                    .append("$10\r\ncomplexity\r\n$4\r\nO(1)\r\n$9\r\narguments\r\n*1\r\n%4\r\n")
                    .append("$4\r\nname\r\n$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n")
                    .append("$12\r\ndisplay_text\r\n$3\r\nkey\r\n$14\r\nkey_spec_index\r\n:0\r\n"));
  const std::string expire = run("COMMAND DOCS expire");
  EXPECT_TRUE(contains(expire,
                       "$9\r\ncondition\r\n$4\r\ntype\r\n$5\r\noneof\r\n$5\r\nflags\r\n"
                       "~1\r\n+optional\r\n$9\r\narguments\r\n*4\r\n"));
  EXPECT_TRUE(contains(run("COMMAND DOCS restore-asking"), "+syscmd\r\n"));
  EXPECT_TRUE(contains(run("COMMAND DOCS object"), "$11\r\nsubcommands\r\n%5\r\n"));
}

TEST_F(CommandTest, docs_of_all_commands_are_one_map) {
  const std::string size = std::to_string(2 * h.registry.commands().size());
  EXPECT_TRUE(run("COMMAND DOCS").starts_with("*" + size + "\r\n"));
}

TEST_F(CommandTest, list_filters_by_category_pattern_and_module) {
  EXPECT_EQ(run("COMMAND LIST FILTERBY PATTERN ren*"), "*2\r\n$6\r\nrename\r\n$8\r\nrenamenx\r\n");
  EXPECT_EQ(run("COMMAND LIST FILTERBY pattern OBJECT|F*"), "*1\r\n$11\r\nobject|freq\r\n");
  EXPECT_EQ(run("COMMAND LIST FILTERBY ACLCAT Dangerous"),
            "*3\r\n$4\r\nkeys\r\n$7\r\nrestore\r\n$14\r\nrestore-asking\r\n");
  EXPECT_EQ(run("COMMAND LIST FILTERBY ACLCAT nonsense"), "*0\r\n");
  EXPECT_EQ(run("COMMAND LIST FILTERBY MODULE json"), "*0\r\n");
  EXPECT_EQ(run("COMMAND LIST FILTERBY"), "-ERR syntax error\r\n");
  EXPECT_EQ(run("COMMAND LIST FILTERBY COLOUR red"), "-ERR syntax error\r\n");
  EXPECT_TRUE(contains(run("COMMAND LIST"), "$12\r\ncommand|list\r\n"));
}

TEST_F(CommandTest, getkeys_finds_the_keys_of_a_command) {
  EXPECT_EQ(run("COMMAND GETKEYS DEL a b"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_EQ(run("COMMAND GETKEYS object freq k"), "*1\r\n$1\r\nk\r\n");
  EXPECT_EQ(run("COMMAND GETKEYSANDFLAGS copy a b"),
            "*2\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n"
            "*2\r\n$1\r\nb\r\n*2\r\n+OW\r\n+update\r\n");
}

TEST_F(CommandTest, getkeys_refuses_what_has_no_keys) {
  EXPECT_EQ(run("COMMAND GETKEYS nonsense"), "-ERR Invalid command specified\r\n");
  EXPECT_EQ(run("COMMAND GETKEYS object nonsense"), "-ERR Invalid command specified\r\n");
  EXPECT_EQ(run("COMMAND GETKEYS randomkey"), "-ERR The command has no key arguments\r\n");
  EXPECT_EQ(run("COMMAND GETKEYS object"), "-ERR The command has no key arguments\r\n");
  EXPECT_EQ(run("COMMAND GETKEYS rename a"),
            "-ERR Invalid number of arguments specified for command\r\n");
}

TEST(CommandKeysTest, flags_of_set_bitfield_and_sort_depend_on_their_words) {
  constexpr KeyFlag kVariable = KeyFlag::rw | KeyFlag::variable_flags;
  const CommandSpec specs[] = {
      with_keys("bitfield", {key_at(1, kVariable)}),
      with_keys("set", {key_at(1, kVariable)}),
      with_keys("zunion", {KeySpec{.flags = KeyFlag::ro,
                                   .begin = KeySpec::Begin::index,
                                   .index = 1,
                                   .find = KeySpec::Find::count,
                                   .count_at = 0,
                                   .first_at = 1}}),
  };
  const Family families[] = {specs, generic::sort_commands(), command_commands()};
  Harness h(families);
  const std::string head = "*1\r\n*2\r\n$1\r\nk\r\n";
  const std::string ow = head + "*2\r\n+OW\r\n+update\r\n";
  const std::string rw = head + "*3\r\n+RW\r\n+access\r\n+update\r\n";
  const std::string ro = head + "*2\r\n+RO\r\n+access\r\n";
  EXPECT_EQ(h.run("COMMAND GETKEYSANDFLAGS set k v"), ow);
  EXPECT_EQ(h.run("COMMAND GETKEYSANDFLAGS set k v NX get"), rw);
  EXPECT_EQ(h.run("COMMAND GETKEYSANDFLAGS bitfield k GET u4 0"), ro);
  EXPECT_EQ(h.run("COMMAND GETKEYSANDFLAGS bitfield k GET u4 0 SET u4 0 1"), rw);
  EXPECT_EQ(h.run("COMMAND GETKEYSANDFLAGS sort k BY store GET store"), ro);
  EXPECT_EQ(h.run("COMMAND GETKEYS sort k STORE a LIMIT 0 1 STORE b"),
            "*2\r\n$1\r\nk\r\n$1\r\nb\r\n");
  EXPECT_EQ(h.run("COMMAND GETKEYS zunion 2 a b WITHSCORES"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_EQ(h.run("COMMAND GETKEYS zunion 2 a"),
            "-ERR Invalid arguments specified for command\r\n");
}

TEST(CommandNamesTest, legacy_keys_join_ranges_that_follow_each_other) {
  const LegacyKeys two =
      legacy_keys(with_keys("rename", {key_at(1, KeyFlag::rw), key_at(2, KeyFlag::ow)}));
  EXPECT_EQ(two.first, 1);
  EXPECT_EQ(two.last, 2);
  EXPECT_FALSE(two.movable);
  const LegacyKeys bitop =
      legacy_keys(with_keys("bitop", {key_at(2, KeyFlag::ow), keys_from(3, KeyFlag::ro)}));
  EXPECT_EQ(bitop.first, 2);
  EXPECT_EQ(bitop.last, -1);
  const LegacyKeys mset = legacy_keys(with_keys("mset", {keys_from(1, KeyFlag::ow, 2)}));
  EXPECT_EQ(mset.step, 2);
  EXPECT_FALSE(mset.movable);
  const KeySpec counted{.flags = KeyFlag::ro,
                        .begin = KeySpec::Begin::index,
                        .index = 1,
                        .find = KeySpec::Find::count};
  const LegacyKeys eval = legacy_keys(with_keys("zunion", {counted}));
  EXPECT_EQ(eval.first, 0);
  EXPECT_TRUE(eval.movable);
}

}  // namespace
}  // namespace banyan::commands
