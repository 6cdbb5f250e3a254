#include "config/config.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/config_file.h"
#include "config/memory_files.h"
#include "config/rewrite.h"

namespace banyan::config {
namespace {

struct ConfigTest : testing::Test {
  MemoryFiles files;

  Config config_of(const std::string& text, bool sentinel = false) {
    files.contents["/r.conf"] = text;
    std::vector<std::string> arguments = {"server", "/r.conf"};
    if (sentinel) arguments.emplace_back("--sentinel");
    auto loaded = load(files, parse_command_line(arguments), nullptr);
    EXPECT_TRUE(loaded) << loaded.error().text();
    return Config(*std::move(loaded));
  }
  static std::string value(const Config& config, const std::string& name) {
    const auto pairs = config.get(std::vector<std::string>{name});
    return pairs.size() == 1 ? pairs[0].second : "(" + std::to_string(pairs.size()) + " answers)";
  }
  static std::string set_error(Config& config, std::vector<NameAndValue> pairs,
                               SetContext context = {}) {
    const auto result = config.set(pairs, context);
    return result ? "no error" : result.error().reply_line();
  }
  // Rewrites, checks that reading the new file gives the settings again, and returns its text.
  std::string rewritten(const Config& config, bool write_defaults = false) {
    const auto result = config.rewrite(files, write_defaults);
    EXPECT_TRUE(result) << result.error().text();
    const std::string text = files.contents["/r.conf"];
    std::vector<std::string> arguments = {"server", "/r.conf"};
    const auto again = load(files, parse_command_line(arguments), nullptr);
    EXPECT_TRUE(again) << again.error().text() << '\n' << text;
    EXPECT_TRUE(again && again->settings == config.settings()) << text;
    return text;
  }
};

bool has(const std::vector<NameAndValue>& pairs, const std::string& name) {
  return std::ranges::any_of(pairs, [&](const NameAndValue& pair) { return pair.first == name; });
}

TEST_F(ConfigTest, get_answers_several_names_and_patterns_once_each) {
  const Config config = config_of("maxmemory 1mb");
  const auto pairs =
      config.get(std::vector<std::string>{"maxmemory", "maxmemory*", "bind", "*of", "none"});
  EXPECT_EQ(pairs[0], NameAndValue("maxmemory", "1048576"));
  for (const char* name : {"maxmemory-policy", "maxmemory-clients", "bind", "replicaof", "slaveof"})
    EXPECT_TRUE(has(pairs, name)) << name;
  EXPECT_EQ(pairs.size(), 8u);
  EXPECT_EQ(config.get(std::vector<std::string>{"MAXMEMORY"})[0].first, "MAXMEMORY");
}

TEST_F(ConfigTest, get_shows_old_and_new_names_of_one_setting) {
  const Config config = config_of("slave-priority 7");
  EXPECT_EQ(value(config, "replica-priority"), "7");
  EXPECT_EQ(value(config, "slave-priority"), "7");
  const auto old_names = config.get(std::vector<std::string>{"slave-*"});
  EXPECT_TRUE(has(old_names, "slave-priority"));
  EXPECT_FALSE(has(old_names, "replica-priority"));
}

TEST_F(ConfigTest, get_shows_hidden_settings_only_by_name) {
  const Config config = config_of("");
  const auto all = config.get(std::vector<std::string>{"*"});
  EXPECT_FALSE(has(all, "key-load-delay"));
  EXPECT_FALSE(has(all, "server-cpulist"));
  EXPECT_TRUE(has(all, "server_cpulist"));
  EXPECT_EQ(value(config, "key-load-delay"), "0");
  EXPECT_EQ(value(config, "threads"), "0");
}

TEST_F(ConfigTest, everything_that_get_lists_can_be_set_to_the_same_again) {
  Config config = config_of("enable-protected-configs yes");
  const Settings before = config.settings();
  for (const NameAndValue& pair : config.get(std::vector<std::string>{"*"})) {
    if (find_setting(pair.first)->has(Flag::immutable)) continue;
    EXPECT_EQ(set_error(config, {pair}), "no error") << pair.first;
  }
  EXPECT_EQ(config.settings(), before);
}

TEST_F(ConfigTest, set_changes_several_settings_and_says_which) {
  Config config = config_of("");
  const auto changes = config.set(std::vector<NameAndValue>{
      {"maxmemory", "10000001"}, {"save", "3000 5"}, {"timeout", "0"}, {"SLAVE-PRIORITY", "3"}});
  ASSERT_TRUE(changes);
  EXPECT_EQ(*changes, (Config::Changes{"maxmemory", "save", "replica-priority"}));
  EXPECT_EQ(value(config, "save"), "3000 5");
}

TEST_F(ConfigTest, set_replaces_save_points_instead_of_adding) {
  Config config = config_of("save 1 1");
  EXPECT_EQ(set_error(config, {{"save", "2 2 3 3"}}), "no error");
  EXPECT_EQ(value(config, "save"), "2 2 3 3");
  EXPECT_EQ(set_error(config, {{"save", ""}}), "no error");
  EXPECT_EQ(value(config, "save"), "");
}

TEST_F(ConfigTest, set_errors_say_what_redis_says) {
  Config config = config_of("");
  EXPECT_EQ(set_error(config, {{"none", "1"}}),
            "ERR Unknown option or number of arguments for CONFIG SET - 'none'");
  EXPECT_EQ(set_error(config, {{"daemonize", "yes"}}),
            "ERR CONFIG SET failed (possibly related to argument 'daemonize') - "
            "can't set immutable config");
  EXPECT_EQ(set_error(config, {{"dir", "x"}}),
            "ERR CONFIG SET failed (possibly related to argument 'dir') - "
            "can't set protected config");
  EXPECT_EQ(set_error(config, {{"maxmemory", "1"}, {"maxmemory", "2"}}),
            "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - "
            "duplicate parameter");
  EXPECT_EQ(set_error(config, {{"slave-priority", "1"}, {"replica-priority", "2"}}),
            "ERR CONFIG SET failed (possibly related to argument 'replica-priority') - "
            "duplicate parameter");
  EXPECT_EQ(set_error(config, {{"maxmemory", "1"}, {"port", "x"}}),
            "ERR CONFIG SET failed (possibly related to argument 'port') - "
            "argument couldn't be parsed into an integer");
  EXPECT_EQ(set_error(config, {{"appendonly", "yes"}}, {.is_loading = true}),
            "LOADING Redis is loading the dataset in memory");
  EXPECT_EQ(config.settings(), config_of("").settings());
}

TEST_F(ConfigTest, protected_settings_may_be_open_to_local_clients_only) {
  Config config = config_of("enable-protected-configs local");
  EXPECT_EQ(set_error(config, {{"dbfilename", "a"}}, {.client_is_local = true}), "no error");
  EXPECT_NE(set_error(config, {{"dbfilename", "b"}}, {.client_is_local = false}), "no error");
  EXPECT_EQ(value(config, "dbfilename"), "a");
}

TEST_F(ConfigTest, a_refused_value_leaves_the_others_unset) {
  Config config = config_of("maxmemory 10000002");
  EXPECT_EQ(set_error(config, {{"maxmemory", "10000001"},
                               {"maxmemory-clients", "200%"},
                               {"client-query-buffer-limit", "invalid"}}),
            "ERR CONFIG SET failed (possibly related to argument 'maxmemory-clients') - "
            "percentage argument must be less or equal to 100");
  EXPECT_EQ(value(config, "maxmemory"), "10000002");
}

TEST_F(ConfigTest, a_failing_hook_puts_everything_back) {
  Config config = config_of("port 1\nmaxmemory 5");
  std::vector<std::int64_t> applied_memory;
  std::vector<int> applied_ports;
  config.on_change({"maxmemory"}, [&](Settings& settings) -> Result<> {
    applied_memory.push_back(settings.memory.max_bytes);
    return {};
  });
  config.on_change({"port", "bind"}, [&](Settings& settings) -> Result<> {
    applied_ports.push_back(settings.network.port);
    if (settings.network.port == 2) return fail("Unable to listen on this port.");
    return {};
  });
  config.on_change({"timeout"}, [&](Settings&) -> Result<> {
    ADD_FAILURE() << "a later hook ran";
    return {};
  });
  const Settings before = config.settings();
  EXPECT_EQ(set_error(config, {{"maxmemory", "7"}, {"timeout", "9"}, {"bind", "x"}, {"port", "2"}}),
            "ERR CONFIG SET failed (possibly related to argument 'bind') - "
            "Unable to listen on this port.");
  EXPECT_EQ(config.settings(), before);
  EXPECT_EQ(applied_memory, (std::vector<std::int64_t>{7, 5}));
  EXPECT_EQ(applied_ports, (std::vector<int>{2, 1}));
  EXPECT_TRUE(config.take_warnings().empty());
}

TEST_F(ConfigTest, what_cannot_be_put_back_is_told) {
  Config config = config_of("");
  config.on_change({"port"}, [](Settings&) -> Result<> { return fail("no socket"); });
  EXPECT_NE(set_error(config, {{"port", "2"}}), "no error");
  EXPECT_EQ(
      config.take_warnings(),
      std::vector<std::string>{"Failed applying restored failed CONFIG SET command: no socket"});
}

TEST_F(ConfigTest, hooks_run_once_and_only_for_real_changes) {
  Config config = config_of("");
  int runs = 0;
  config.on_change({"port", "bind", "tls-cert-file"}, [&](Settings&) -> Result<> {
    ++runs;
    return {};
  });
  EXPECT_EQ(set_error(config, {{"port", "6379"}}), "no error");
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(set_error(config, {{"port", "1"}, {"bind", "1.1.1.1"}}), "no error");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(set_error(config, {{"tls-cert-file", ""}}), "no error");  // the file may have changed
  EXPECT_EQ(runs, 2);
}

TEST_F(ConfigTest, a_hook_without_names_is_for_every_change) {
  Config config = config_of("");
  int runs = 0;
  config.on_change({}, [&](Settings&) -> Result<> {
    ++runs;
    return {};
  });
  EXPECT_EQ(set_error(config, {{"timeout", "0"}}), "no error");  // what it is already
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(set_error(config, {{"timeout", "7"}, {"maxmemory", "5"}}), "no error");
  EXPECT_EQ(runs, 1);
}

TEST_F(ConfigTest, a_hook_may_correct_the_value) {
  Config config = config_of("enable-protected-configs yes");
  config.on_change({"dir"}, [](Settings& settings) -> Result<> {
    settings.persistence.directory = "/data/" + settings.persistence.directory;
    return {};
  });
  EXPECT_EQ(set_error(config, {{"dir", "x"}}), "no error");
  EXPECT_EQ(value(config, "dir"), "/data/x");
}

TEST_F(ConfigTest, sensitive_settings_are_known_by_all_their_names) {
  EXPECT_TRUE(is_sensitive("requirepass"));
  EXPECT_TRUE(is_sensitive("MasterAuth"));
  EXPECT_TRUE(is_sensitive("primaryauth"));
  EXPECT_FALSE(is_sensitive("port"));
  EXPECT_FALSE(is_sensitive("none"));
}

TEST_F(ConfigTest, help_names_every_subcommand) {
  for (const char* name : {"GET", "SET", "RESETSTAT", "REWRITE"})
    EXPECT_TRUE(std::ranges::any_of(help(), [&](auto line) { return line.starts_with(name); }));
}

TEST_F(ConfigTest, rewrite_keeps_comments_and_order_and_changes_lines_where_they_stand) {
  Config config = config_of(
      "# my server\n\ntimeout   '5'\n# how much\nmaxmemory 1024mb\nport 7000\n\n\n# end\n");
  EXPECT_EQ(set_error(config, {{"maxmemory", "2gb"}, {"hz", "20"}, {"loglevel", "debug"}}),
            "no error");
  EXPECT_EQ(rewritten(config),
            "# my server\n\ntimeout   '5'\n# how much\nmaxmemory 2gb\nport 7000\n\n\n# end\n"
            "# Generated by CONFIG REWRITE\nhz 20\nloglevel debug\n");
  EXPECT_EQ(set_error(config, {{"maxclients", "5"}, {"hz", "10"}}), "no error");
  EXPECT_EQ(rewritten(config),
            "# my server\n\ntimeout   '5'\n# how much\nmaxmemory 2gb\nport 7000\n\n\n# end\n"
            "# Generated by CONFIG REWRITE\nhz 10\nloglevel debug\nmaxclients 5\n");
}

TEST_F(ConfigTest, rewrite_drops_save_lines_that_no_longer_hold) {
  Config config = config_of("save 1 1\n# between\nsave 2 2\nsave 3 3\n");
  EXPECT_EQ(rewritten(config), "save 1 1\n# between\nsave 2 2\nsave 3 3\n");
  EXPECT_EQ(set_error(config, {{"save", "4 4"}}), "no error");
  EXPECT_EQ(rewritten(config), "save 4 4\n# between\n");
  EXPECT_EQ(set_error(config, {{"save", ""}}), "no error");
  EXPECT_EQ(rewritten(config), "save \"\"\n# between\n");
  EXPECT_EQ(set_error(config, {{"save", "5 5 6 6"}}), "no error");
  EXPECT_EQ(rewritten(config), "save 5 5\n# between\n# Generated by CONFIG REWRITE\nsave 6 6\n");
}

TEST_F(ConfigTest, rewrite_reuses_lines_with_old_names) {
  Config config = config_of("hash-max-listpack-entries 20\nhash-max-ziplist-entries 21\n");
  EXPECT_EQ(value(config, "hash-max-listpack-entries"), "21");
  EXPECT_EQ(set_error(config, {{"hash-max-listpack-entries", "100"}}), "no error");
  EXPECT_EQ(rewritten(config), "hash-max-listpack-entries 100\n");
}

TEST_F(ConfigTest, rewrite_drops_texts_that_are_unset_and_quotes_where_needed) {
  Config config = config_of("requirepass old\nmasterauth x\n");
  EXPECT_EQ(set_error(config, {{"requirepass", ""}, {"masterauth", "two words"}}), "no error");
  EXPECT_EQ(rewritten(config), "masterauth \"two words\"\n");
}

TEST_F(ConfigTest, rewrite_writes_only_the_output_limits_that_are_not_the_default) {
  Config config = config_of("");
  EXPECT_EQ(set_error(config, {{"client-output-buffer-limit", "slave 1mb 0 0"}}), "no error");
  EXPECT_EQ(rewritten(config),
            "# Generated by CONFIG REWRITE\nclient-output-buffer-limit replica 1mb 0 0\n");
}

TEST_F(ConfigTest, rewrite_turns_lines_it_does_not_know_into_comments) {
  Config config = config_of("port 1\n");
  files.contents["/r.conf"] = "port 1\nno-such-thing 5\n'\n";
  EXPECT_EQ(rewritten(config), "port 1\n# ??? no-such-thing 5\n# ??? '\n");
}

TEST_F(ConfigTest, rewrite_wins_over_an_include_below) {
  files.contents["/b.conf"] = "port 2\nsave 9 9\nreplicaof 1.1.1.1 1\nrequirepass p\n";
  Config config = config_of("port 1\ninclude /b.conf\n");
  EXPECT_EQ(value(config, "port"), "2");
  rewritten(config);
  config.edit().replication.primary_host.clear();
  config.edit().replication.primary_port = 0;
  EXPECT_EQ(set_error(config, {{"port", "3"}, {"save", "5 5"}, {"requirepass", ""}}), "no error");
  const std::string text = rewritten(config);
  EXPECT_NE(text.find("replicaof no one\n"), std::string::npos) << text;
  EXPECT_EQ(rewritten(config), text);
}

TEST_F(ConfigTest, rewrite_keeps_renamed_commands_and_replaces_users) {
  Config config = config_of("rename-command flushdb badger\nuser a on\nuser b on\n");
  EXPECT_EQ(rewritten(config), "rename-command flushdb badger\nuser a on\nuser b on\n");
  config.edit().security.users = {{.words = {"c", "on", ">pass word"}, .file = "", .line = 0}};
  EXPECT_EQ(rewritten(config), "rename-command flushdb badger\nuser c on \">pass word\"\n");
}

TEST_F(ConfigTest, rewrite_leaves_users_to_the_acl_file) {
  Config config = config_of("aclfile /users.acl\nuser a on\n");
  config.edit().security.users.clear();
  EXPECT_EQ(rewritten(config), "aclfile /users.acl\n");
}

TEST_F(ConfigTest, rewrite_keeps_sentinel_lines_of_one_sort_in_one_place) {
  Config config = config_of(
      "port 26379\nsentinel myid abc\nsentinel monitor m 1.1.1.1 1 2\n"
      "# x\nsentinel known-replica m 1.1.1.2 1\n",
      true);
  config.edit().sentinel = {{.words = {"monitor", "m", "1.1.1.9", "1", "2"}, .file = "", .line = 0},
                            {.words = {"myid", "abc"}, .file = "", .line = 0},
                            {.words = {"current-epoch", "5"}, .file = "", .line = 0}};
  ASSERT_TRUE(config.rewrite(files));
  EXPECT_EQ(files.contents["/r.conf"],
            "port 26379\nsentinel myid abc\nsentinel monitor m 1.1.1.9 1 2\n# x\n"
            "# Generated by CONFIG REWRITE\nprotected-mode no\nsentinel current-epoch 5\n");
}

TEST_F(ConfigTest, rewrite_says_nothing_twice_that_an_included_file_says) {
  files.contents["/b.conf"] = "user a on\nsentinel monitor m 1.1.1.1 1 2\n";
  Config config = config_of("SENTINEL myid  abc \ninclude /b.conf\nuser b on\n", true);
  config.edit().security.users.push_back({.words = {"c", "on"}, .file = "", .line = 0});
  ASSERT_TRUE(config.rewrite(files));
  EXPECT_EQ(files.contents["/r.conf"],
            "SENTINEL myid  abc \ninclude /b.conf\nuser b on\n# Generated by CONFIG REWRITE\n"
            "port 26379\nprotected-mode no\nuser c on\n");
}

TEST_F(ConfigTest, rewrite_needs_a_file) {
  Config config(Loaded{});
  EXPECT_EQ(config.rewrite(files).error().text(), "The server is running without a config file");
}

TEST_F(ConfigTest, rewrite_makes_the_file_when_it_is_gone) {
  Config config = config_of("port 1\n");
  files.contents.clear();
  EXPECT_EQ(rewritten(config), "# Generated by CONFIG REWRITE\nport 1\n");
}

TEST_F(ConfigTest, rewrite_leaves_the_file_alone_when_the_disk_is_full) {
  Config config = config_of("port 1\n");
  EXPECT_EQ(set_error(config, {{"port", "2"}}), "no error");
  files.is_full = true;
  const auto result = config.rewrite(files);
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().text().starts_with("Rewriting config file: "));
  EXPECT_EQ(files.contents["/r.conf"], "port 1\n");
}

TEST_F(ConfigTest, rewrite_refuses_values_with_line_breaks) {
  Config config = config_of("port 1\n");
  EXPECT_EQ(set_error(config, {{"masterauth", "x\nport 9"}}), "no error");
  const auto result = config.rewrite(files);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().text(),
            "Rewriting config file: the value of 'masterauth' contains a line break");
  EXPECT_EQ(files.contents["/r.conf"], "port 1\n");
}

TEST_F(ConfigTest, a_file_with_every_setting_loads_to_the_same_settings) {
  Config config = config_of("");
  const std::string text = rewritten(config, true);
  EXPECT_GT(std::ranges::count(text, '\n'), 170);
  EXPECT_EQ(rewritten(config), text);
}

}  // namespace
}  // namespace banyan::config
