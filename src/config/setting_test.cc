#include "config/setting.h"

#include <gtest/gtest.h>

#include <set>

#include "config/extremes.h"
#include "config/words.h"

namespace banyan::config {
namespace {

template <class F>
void for_each_setting(F visit) {
  for (const std::span<const Setting> group : all_settings())
    for (const Setting& setting : group) visit(setting);
}

const Setting& setting_named(Bytes name) {
  const Setting* setting = find_setting(name);
  EXPECT_NE(setting, nullptr) << name;
  return *setting;
}

// The words of the first line that to_lines writes, without the name.
std::vector<std::vector<std::string>> written_words(const Setting& setting, const Settings& from) {
  std::vector<std::vector<std::string>> all;
  for (const Line& line : to_lines(setting, from)) {
    auto words = split_words(line.text);
    EXPECT_TRUE(words) << line.text;
    words->erase(words->begin());
    all.push_back(*words);
  }
  return all;
}

std::string error_of(Bytes name, std::vector<std::string> words) {
  Settings settings;
  const auto result = assign(setting_named(name), settings, words, nullptr);
  EXPECT_EQ(settings, Settings{}) << "a refused value left a trace in " << name;
  return result ? "no error" : std::string(result.error().text());
}

std::string text_after(Bytes name, std::vector<std::string> words) {
  Settings settings;
  const auto result = assign(setting_named(name), settings, words, nullptr);
  EXPECT_TRUE(result) << result.error().text();
  return to_text(setting_named(name), settings);
}

TEST(SettingTest, has_no_two_settings_of_one_name) {
  std::set<std::string_view> names;
  for_each_setting([&](const Setting& setting) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    for (const Alias& alias : setting.aliases) {
      const bool is_new = alias.name.empty() || names.insert(alias.name).second;
      EXPECT_TRUE(is_new) << alias.name;
    }
  });
  EXPECT_GE(names.size(), 200u);
}

TEST(SettingTest, is_found_by_name_and_alias_in_any_case) {
  EXPECT_EQ(find_setting("SLAVE-read-only"), find_setting("replica-read-only"));
  EXPECT_EQ(find_setting("primaryauth"), find_setting("masterauth"));
  EXPECT_EQ(find_setting("lua-time-limit"), find_setting("busy-reply-threshold"));
  EXPECT_EQ(find_setting(""), nullptr);
  EXPECT_EQ(find_setting("no-such-thing"), nullptr);
}

TEST(SettingTest, default_is_accepted_and_shown_again_the_same) {
  for_each_setting([&](const Setting& setting) {
    const Settings defaults;
    Settings settings;
    LoadState state;
    for (const auto& words : written_words(setting, defaults)) {
      const auto result = assign(setting, settings, words, &state);
      EXPECT_TRUE(result) << setting.name << ": " << result.error().text();
    }
    EXPECT_EQ(settings, defaults) << setting.name;
  });
}

TEST(SettingTest, extremes_and_ends_of_ranges_survive_being_written_and_read) {
  for_each_setting([&](const Setting& setting) {
    const auto* kind = std::get_if<Integer>(&setting.kind);
    if (kind == nullptr) return;
    for (const std::int64_t value : {kind->low, kind->low + 1, kind->high - 1, kind->high}) {
      Settings before, after;
      kind->set(before, value);
      EXPECT_EQ(kind->get(before), value) << setting.name;
      for (const auto& words : written_words(setting, before)) {
        const auto result = assign(setting, after, words, nullptr);
        EXPECT_TRUE(result) << setting.name << ": " << result.error().text();
      }
      EXPECT_EQ(before, after) << setting.name << ' ' << value;
    }
  });
}

TEST(SettingTest, every_choice_survives_being_written_and_read) {
  for_each_setting([&](const Setting& setting) {
    const auto* kind = std::get_if<Choice>(&setting.kind);
    if (kind == nullptr) return;
    for (const ChoiceName& known : kind->names) {
      Settings before, after;
      const std::string name = upper(known.name);
      ASSERT_TRUE(assign(setting, before, std::vector<std::string>{name}, nullptr));
      EXPECT_EQ(kind->get(before), known.value);
      for (const auto& words : written_words(setting, before))
        ASSERT_TRUE(assign(setting, after, words, nullptr)) << setting.name;
      EXPECT_EQ(before, after) << setting.name << ' ' << name;
    }
  });
}

TEST(SettingTest, any_text_survives_being_written_and_read) {
  for_each_setting([&](const Setting& setting) {
    const auto* kind = std::get_if<Text>(&setting.kind);
    if (kind == nullptr || kind->check != nullptr) return;
    for (const std::string value : {"a b", "\"'\\", "#", "größe", "\x01\x7f\n", "yes", " x "}) {
      Settings before, after;
      ASSERT_TRUE(assign(setting, before, std::vector<std::string>{value}, nullptr));
      EXPECT_EQ(to_text(setting, before), value);
      for (const auto& words : written_words(setting, before))
        ASSERT_TRUE(assign(setting, after, words, nullptr)) << setting.name;
      EXPECT_EQ(before, after) << setting.name;
    }
  });
}

TEST(SettingTest, errors_say_what_redis_says) {
  EXPECT_EQ(error_of("appendonly", {"maybe"}), "argument must be 'yes' or 'no'");
  EXPECT_EQ(error_of("port", {"http"}), "argument couldn't be parsed into an integer");
  EXPECT_EQ(error_of("port", {"65536"}), "argument must be between 0 and 65535 inclusive");
  EXPECT_EQ(error_of("port", {}), "wrong number of arguments");
  EXPECT_EQ(error_of("port", {"1", "2"}), "wrong number of arguments");
  EXPECT_EQ(error_of("unixsocketperm", {"9"}), "argument couldn't be parsed as an octal number");
  EXPECT_EQ(error_of("unixsocketperm", {"1000"}), "argument must be between 0 and 777 inclusive");
  EXPECT_EQ(error_of("maxmemory", {"-1"}), "argument must be a memory value");
  EXPECT_EQ(error_of("maxmemory", {"1tb"}), "argument must be a memory value");
  EXPECT_EQ(error_of("repl-backlog-size", {"0"}),
            "argument must be between 1 and 9223372036854775807 inclusive");
  EXPECT_EQ(error_of("maxmemory-clients", {"x%"}), "argument must be a memory or percent value");
  EXPECT_EQ(error_of("maxmemory-clients", {"200%"}),
            "percentage argument must be less or equal to 100");
  EXPECT_EQ(error_of("appendfsync", {"sometimes"}),
            "argument(s) must be one of the following: everysec, always, no");
  EXPECT_EQ(error_of("shutdown-on-sigint", {}),
            "argument(s) must be one of the following: default, save, nosave, now, force");
  EXPECT_EQ(error_of("shutdown-on-sigint", {"save", "nosave"}),
            "shutdown options SAVE and NOSAVE can't be used simultaneously");
  EXPECT_EQ(error_of("dbfilename", {"a/b"}), "dbfilename can't be a path, just a filename");
  EXPECT_EQ(error_of("appendfilename", {""}), "appendfilename can't be empty");
  EXPECT_EQ(error_of("appendfilename", {"a/b"}), "appendfilename can't be a path, just a filename");
  EXPECT_EQ(error_of("appenddirname", {""}), "appenddirname can't be empty");
  EXPECT_EQ(error_of("appenddirname", {"a/b"}), "appenddirname can't be a path, just a dirname");
  EXPECT_EQ(error_of("cluster-config-file", {""}), "cluster-config-file can't be empty");
  EXPECT_EQ(error_of("cluster-announce-hostname", {"a_b"}),
            "Hostnames may only contain alphanumeric characters, hyphens or dots");
  EXPECT_EQ(error_of("cluster-announce-hostname", {std::string(256, 'a')}),
            "Hostnames must be less than 256 characters");
  EXPECT_EQ(error_of("cluster-announce-human-nodename", {"a#b"}),
            "Announced human node name contained invalid character");
  EXPECT_EQ(error_of("proc-title-template", {"{title} {nonsense}"}),
            "template format is invalid or contains unknown variables");
  EXPECT_EQ(error_of("proc-title-template", {"{title"}),
            "template format is invalid or contains unknown variables");
  EXPECT_EQ(error_of("proc-title-template", {""}),
            "template format is invalid or contains unknown variables");
}

TEST(SettingTest, errors_of_specials_say_what_redis_says) {
  EXPECT_EQ(error_of("save", {"900"}), "Invalid save parameters");
  EXPECT_EQ(error_of("save", {"0", "1"}), "Invalid save parameters");
  EXPECT_EQ(error_of("save", {"1", "-1"}), "Invalid save parameters");
  EXPECT_EQ(error_of("replicaof", {"127.0.0.1"}), "wrong number of arguments");
  EXPECT_EQ(error_of("replicaof", {"127.0.0.1", "abc"}), "Invalid master port");
  EXPECT_EQ(error_of("replicaof", {"127.0.0.1", "65536"}), "Invalid master port");
  EXPECT_EQ(error_of("replicaof", {"", "1"}), "Invalid master host");
  EXPECT_EQ(error_of("bind", std::vector<std::string>(17, "1.1.1.1")),
            "Too many bind addresses specified.");
  EXPECT_EQ(error_of("bind", {"a b"}), "Invalid bind address");
  EXPECT_EQ(error_of("client-output-buffer-limit", {"normal", "0", "0"}),
            "Wrong number of arguments in buffer limit configuration.");
  EXPECT_EQ(error_of("client-output-buffer-limit", {"master", "0", "0", "0"}),
            "Invalid client class specified in buffer limit configuration.");
  EXPECT_EQ(
      error_of("client-output-buffer-limit", {"normal", "0", "0", "0", "pubsub", "x", "0", "0"}),
      "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
  EXPECT_EQ(error_of("oom-score-adj-values", {"1", "2"}), "wrong number of arguments");
  EXPECT_EQ(error_of("oom-score-adj-values", {"1", "2", "2001"}),
            "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
  EXPECT_EQ(error_of("notify-keyspace-events", {"KEx?"}),
            "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
  EXPECT_EQ(error_of("latency-tracking-info-percentiles", {"x"}),
            "Invalid latency-tracking-info-percentiles parameters");
  EXPECT_EQ(error_of("latency-tracking-info-percentiles", {"100.1"}),
            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
}

TEST(SettingTest, values_are_shown_as_redis_shows_them) {
  EXPECT_EQ(text_after("maxmemory", {"700mb"}), "734003200");
  EXPECT_EQ(text_after("maxmemory-clients", {"5%"}), "5%");
  EXPECT_EQ(text_after("unixsocketperm", {"0770"}), "770");
  EXPECT_EQ(text_after("oom-score-adj", {"relative"}), "yes");
  EXPECT_EQ(text_after("shutdown-on-sigint", {"force", "nosave", "now"}), "nosave now force");
  EXPECT_EQ(text_after("save", {"3600", "1", "60", "10"}), "3600 1 60 10");
  EXPECT_EQ(text_after("save", {""}), "");
  EXPECT_EQ(text_after("bind", {""}), "");
  EXPECT_EQ(text_after("replicaof", {"10.0.0.1", "6380"}), "10.0.0.1 6380");
  EXPECT_EQ(text_after("replicaof", {"NO", "ONE"}), "");
  EXPECT_EQ(text_after("client-output-buffer-limit", {"replica", "1kb", "2k", "3"}),
            "normal 0 0 0 slave 1024 2000 3 pubsub 33554432 8388608 60");
  EXPECT_EQ(text_after("latency-tracking-info-percentiles", {"50.0", "99.9", "100"}),
            "50 99.9 100");
}

TEST(SettingTest, keyspace_events_are_shown_in_a_fixed_order) {
  EXPECT_EQ(text_after("notify-keyspace-events", {"KA"}), "AK");
  EXPECT_EQ(text_after("notify-keyspace-events", {"EK$xg"}), "g$xKE");
  EXPECT_EQ(text_after("notify-keyspace-events", {"g$lshzxetdKE"}), "AKE");
  EXPECT_EQ(text_after("notify-keyspace-events", {"mnKlE"}), "lnKEm");
  EXPECT_EQ(text_after("notify-keyspace-events", {""}), "");
}

TEST(SettingTest, every_default_of_redis_that_people_rely_on_holds) {
  const std::pair<const char*, const char*> kExpected[] = {
      {"repl-backlog-size", "1048576"},
      {"appendonly", "no"},
      {"lazyfree-lazy-expire", "no"},
      {"replica-lazy-flush", "no"},
      {"repl-diskless-sync", "yes"},
      {"save", "3600 1 300 100 60 10000"},
      {"io-threads-do-reads", "no"},
      {"hash-max-listpack-entries", "512"},
      {"bind", "* -::*"},
      {"acl-pubsub-default", "resetchannels"},
      {"enable-debug-command", "no"},
      {"shutdown-on-sigterm", "default"},
      {"maxmemory-policy", "noeviction"},
      {"syslog-ident", "redis"},
      {"client-output-buffer-limit",
       "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
  };
  for (const auto& [name, value] : kExpected) EXPECT_EQ(to_text(setting_named(name), {}), value);
}

TEST(SettingTest, ipv4_and_ipv6_announcements_are_checked) {
  for (const char* address : {"1.2.3.4", "255.255.255.255", ""})
    EXPECT_EQ(text_after("cluster-announce-client-ipv4", {address}), address);
  for (const char* address : {"1.2.3", "1.2.3.4.5", "256.1.1.1", "a.b.c.d", "1.2.3."})
    EXPECT_EQ(error_of("cluster-announce-client-ipv4", {address}), "Invalid IPv4 address");
  for (const char* address : {"::", "::1", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"})
    EXPECT_EQ(text_after("cluster-announce-client-ipv6", {address}), address);
  for (const char* address : {"1:2", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "1.2.3.4"})
    EXPECT_EQ(error_of("cluster-announce-client-ipv6", {address}), "Invalid IPv6 address");
}

TEST(ExtremesTest, stay_inside_what_the_table_accepts_and_repeat_with_the_seed) {
  bool is_any_small = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Settings drawn, again;
    Rng rng(seed), same(seed);
    draw_extremes(rng, drawn);
    draw_extremes(same, again);
    EXPECT_EQ(drawn, again);
    is_any_small = is_any_small || drawn.replication.backlog_bytes <= 64 * 1024;
    for_each_setting([&](const Setting& setting) {
      Settings copy = drawn;
      LoadState state;
      for (const auto& words : written_words(setting, drawn))
        EXPECT_TRUE(assign(setting, copy, words, &state)) << setting.name;
      EXPECT_EQ(copy, drawn) << setting.name;
    });
  }
  EXPECT_TRUE(is_any_small);
}

TEST(ThreadsTest, default_leaves_one_core_to_the_system) {
  Settings settings;
  EXPECT_EQ(worker_count(settings, 8), 7u);
  EXPECT_EQ(worker_count(settings, 1), 1u);
  EXPECT_EQ(worker_count(settings, 0), 1u);
  settings.process.threads = 3;
  EXPECT_EQ(worker_count(settings, 8), 3u);
}

TEST(WordsTest, quotes_and_escapes_are_read_as_redis_reads_them) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(split_words("a  b\tc"), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_words(R"("a b" 'c d')"), (Words{"a b", "c d"}));
  EXPECT_EQ(split_words(R"("\x41\n\"\q" '\n\'')"), (Words{"A\n\"q", "\\n'"}));
  EXPECT_EQ(split_words("'' \"\""), (Words{"", ""}));
  EXPECT_EQ(split_words(R"(a"b c")"), (Words{"ab c"}));
  EXPECT_EQ(split_words("  "), Words{});
  for (const char* wrong : {"\"a", "'a", "\"a\"b", "'a'b", "\"\\"})
    EXPECT_EQ(split_words(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace banyan::config
