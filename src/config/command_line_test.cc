#include "config/command_line.h"

#include <gtest/gtest.h>

#include "config/memory_files.h"
#include "config/setting.h"

namespace banyan::config {
namespace {

struct CommandLineTest : testing::Test {
  MemoryFiles files;
  std::string standard_input;

  Result<Loaded> start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "src/redis-server");
    return load(files, parse_command_line(arguments),
                [&]() -> Result<std::string> { return standard_input; });
  }
  std::string value(Bytes name, std::vector<std::string> arguments) {
    const auto loaded = start(std::move(arguments));
    if (!loaded) return std::string(loaded.error().text());
    return to_text(*find_setting(name), loaded->settings);
  }
  std::string error(std::vector<std::string> arguments) {
    const auto loaded = start(std::move(arguments));
    return loaded ? "no error" : std::string(loaded.error().text());
  }
  static std::string at_command_line(const std::string& line, const std::string& reason) {
    return "*** FATAL CONFIG FILE ERROR (Redis 7.2.5) ***\n"
           "Reading the configuration file, at line 1 of the command line\n>>> '" +
           line + "'\n" + reason;
  }
};

TEST_F(CommandLineTest, options_overrule_the_file) {
  files.contents["/data/r.conf"] = "port 1\ntimeout 5\n";
  EXPECT_EQ(value("port", {"r.conf", "--port", "2"}), "2");
  EXPECT_EQ(value("timeout", {"r.conf", "--port", "2"}), "5");
  EXPECT_EQ(start({"./x/../r.conf"})->config_file, "/data/r.conf");
  EXPECT_EQ(start({})->config_file, "");
}

TEST_F(CommandLineTest, standard_input_comes_between_file_and_options) {
  files.contents["/r.conf"] = "port 1\ntimeout 1\nhz 11";
  standard_input = "port 2\ntimeout 2";
  const std::vector<std::string> arguments = {"/r.conf", "--port", "3", "-"};
  EXPECT_EQ(value("port", arguments), "3");
  EXPECT_EQ(value("timeout", arguments), "2");
  EXPECT_EQ(value("hz", arguments), "11");
  EXPECT_EQ(value("port", {"-"}), "2");
}

TEST_F(CommandLineTest, an_option_and_its_value_may_be_one_argument) {
  EXPECT_EQ(value("maxmemory", {"--maxmemory 700mb", "--maxmemory-policy volatile-lru"}),
            "734003200");
  EXPECT_EQ(value("maxmemory-policy", {"--maxmemory 700mb", "--maxmemory-policy 'volatile-lru'"}),
            "volatile-lru");
  const std::vector<std::string> dashes = {"--proc-title-template --my--title",
                                           "--loglevel verbose"};
  EXPECT_EQ(value("proc-title-template", dashes), "--my--title");
  EXPECT_EQ(value("loglevel", dashes), "verbose");
}

TEST_F(CommandLineTest, words_without_dashes_after_the_file_are_a_line_too) {
  files.contents["/r.conf"] = "port 1";
  EXPECT_EQ(value("loglevel", {"/r.conf", "loglevel", "verbose", "--maxmemory '1mb'"}), "verbose");
}

TEST_F(CommandLineTest, a_first_value_may_start_with_dashes) {
  const std::vector<std::string> arguments = {"--proc-title-template", "--my--title", "--loglevel",
                                              "verbose"};
  EXPECT_EQ(value("proc-title-template", arguments), "--my--title");
  EXPECT_EQ(value("loglevel", arguments), "verbose");
}

TEST_F(CommandLineTest, save_may_be_empty_in_every_way) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--save", "--loglevel", "verbose"},
           {"--loglevel", "verbose", "--save"},
           {"--save", "", "--loglevel", "verbose"},
           {"--loglevel", "verbose", "--save", ""},
           {"--proc-title-template", "--save", "--save", "", "--loglevel", "verbose"},
           {"--save ''", "--loglevel", "verbose"}}) {
    EXPECT_EQ(value("save", arguments), "");
    EXPECT_EQ(value("loglevel", arguments), "verbose");
  }
}

TEST_F(CommandLineTest, save_adds_to_what_the_file_says) {
  files.contents["/r.conf"] = "save 900 1";
  EXPECT_EQ(value("save", {"/r.conf", "--save", "100", "100"}), "900 1 100 100");
  EXPECT_EQ(value("save", {"/r.conf", "--save", "100 100"}), "900 1 100 100");
  EXPECT_EQ(value("save", {"/r.conf", "--save", ""}), "");
  EXPECT_EQ(value("save", {"--save", "100", "100"}), "100 100");
  EXPECT_EQ(value("save", {}), "3600 1 300 100 60 10000");
}

TEST_F(CommandLineTest, several_words_may_come_in_one) {
  const std::vector<std::string> arguments = {"--shutdown-on-sigint", "nosave force now",
                                              "--shutdown-on-sigterm", "nosave", "force"};
  EXPECT_EQ(value("shutdown-on-sigint", arguments), "nosave now force");
  EXPECT_EQ(value("shutdown-on-sigterm", arguments), "nosave force");
}

TEST_F(CommandLineTest, errors_show_the_line_that_the_options_make) {
  EXPECT_EQ(error({"--invalid"}),
            at_command_line("invalid", "Bad directive or wrong number of arguments"));
  EXPECT_EQ(error({"--port"}), at_command_line("port", "wrong number of arguments"));
  EXPECT_EQ(error({"--port", "6379", "6380"}),
            at_command_line(R"(port "6379" "6380")", "wrong number of arguments"));
  EXPECT_EQ(error({"--port", "--loglevel", "verbose"}),
            at_command_line(R"(port "--loglevel" "verbose")", "wrong number of arguments"));
  EXPECT_EQ(error({"--port", "--bla", "--loglevel", "verbose"}),
            at_command_line(R"(port "--bla")", "argument couldn't be parsed into an integer"));
  EXPECT_EQ(error({"--replicaof", "127.0.0.1", "abc"}),
            at_command_line(R"(replicaof "127.0.0.1" "abc")", "Invalid master port"));
  EXPECT_EQ(error({"--replicaof", "--127.0.0.1", "abc"}),
            at_command_line(R"(replicaof "--127.0.0.1" "abc")", "Invalid master port"));
  EXPECT_EQ(error({"--replicaof", "--127.0.0.1", "--abc"}),
            at_command_line(R"(replicaof "--127.0.0.1")", "wrong number of arguments"));
}

TEST_F(CommandLineTest, errors_count_the_lines_of_the_options) {
  const std::string later = error({"--port", "6380", "--loglevel"});
  EXPECT_NE(later.find("at line 2 of the command line\n>>> 'loglevel'\nwrong number"),
            std::string::npos)
      << later;
  const std::string choice = error({"--logfile", "--my--log", "--loglevel", "--bla"});
  EXPECT_NE(choice.find("'loglevel \"--bla\"'\nargument(s) must be one of the following: debug, "),
            std::string::npos)
      << choice;
  const std::string empty = error({"--shutdown-on-sigint", "now force", "--shutdown-on-sigterm"});
  EXPECT_NE(empty.find("'shutdown-on-sigterm'\nargument(s) must be one of the following"),
            std::string::npos)
      << empty;
}

TEST_F(CommandLineTest, modes_are_recognised_as_first_argument) {
  using Mode = CommandLine::Mode;
  const auto mode = [](const std::string& argument) {
    return parse_command_line(std::vector<std::string>{"banyan-server", argument}).mode;
  };
  EXPECT_EQ(mode("-v"), Mode::version);
  EXPECT_EQ(mode("--version"), Mode::version);
  EXPECT_EQ(mode("-h"), Mode::help);
  EXPECT_EQ(mode("--help"), Mode::help);
  EXPECT_EQ(mode("--check-system"), Mode::check_system);
  EXPECT_EQ(mode("--port"), Mode::serve);
  EXPECT_EQ(parse_command_line({}).mode, Mode::serve);
}

TEST_F(CommandLineTest, sentinel_mode_comes_from_the_option_or_the_name) {
  const auto parse = [](std::vector<std::string> arguments) {
    return parse_command_line(arguments);
  };
  EXPECT_TRUE(parse({"bin/banyan-sentinel", "s.conf"}).sentinel);
  EXPECT_TRUE(parse({"redis-server", "s.conf", "--sentinel"}).sentinel);
  EXPECT_FALSE(parse({"x-sentinel/redis-server", "s.conf"}).sentinel);
  files.contents["/s.conf"] = "sentinel monitor m 127.0.0.1 6379 2";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"/s.conf", "--sentinel"}, {"/s.conf", "--sentinel", "--loglevel", "debug"}}) {
    const auto loaded = start(arguments);
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(loaded->settings.sentinel.size(), 1u);
    EXPECT_EQ(loaded->settings.network.port, 26379);
    EXPECT_FALSE(loaded->settings.network.protected_mode);
  }
  EXPECT_NE(error({"/s.conf"}).find("sentinel directive while not in sentinel mode"),
            std::string::npos);
}

TEST_F(CommandLineTest, a_missing_file_is_named) {
  EXPECT_NE(error({"none.conf"}).find("Fatal error, can't open config file '/data/none.conf': "),
            std::string::npos);
}

}  // namespace
}  // namespace banyan::config
