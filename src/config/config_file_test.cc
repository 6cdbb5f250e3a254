#include "config/config_file.h"

#include <gtest/gtest.h>

#include "config/memory_files.h"

namespace banyan::config {
namespace {

struct ConfigFileTest : testing::Test {
  MemoryFiles files;
  Settings settings;
  std::vector<std::string> warnings;

  Result<> read(const std::string& path) {
    settings = {};
    ConfigReader reader(files, settings, false);
    if (auto result = reader.read_file(path); !result) return result;
    return reader.finish(warnings);
  }
  std::string error(const std::string& text) {
    files.contents["/r.conf"] = text;
    const auto result = read("/r.conf");
    return result ? "no error" : std::string(result.error().text());
  }
  void expect_error(const std::string& text, const std::string& part) {
    const std::string message = error(text);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
};

TEST_F(ConfigFileTest, comments_quotes_and_blank_lines_are_read) {
  files.contents["/r.conf"] =
      "# comment\n\n  port 7000  \r\n\tREQUIREPASS \"a \\x41\"\nlogfile ''\nunixsocket "
      "'/tmp/it\\'s'";
  ASSERT_TRUE(read("/r.conf"));
  EXPECT_EQ(settings.network.port, 7000);
  EXPECT_EQ(settings.security.password, "a A");
  EXPECT_EQ(settings.logging.file, "");
  EXPECT_EQ(settings.network.unix_socket, "/tmp/it's");
}

TEST_F(ConfigFileTest, the_conformance_suites_start_file_loads) {
  files.contents["/r.conf"] =
      "always-show-logo yes\nnotify-keyspace-events KEA\ndaemonize no\npidfile /var/run/redis.pid\n"
      "port 21111\ntimeout 0\nbind 127.0.0.1\nloglevel verbose\nlogfile ''\ndatabases 16\n"
      "latency-monitor-threshold 1\nrepl-diskless-sync-delay 0\nsave ''\nrdbcompression yes\n"
      "dbfilename dump.rdb\ndir ./tests/tmp/server.1\nslave-serve-stale-data yes\nappendonly no\n"
      "appendfsync everysec\nno-appendfsync-on-rewrite no\nactiverehashing yes\n"
      "enable-protected-configs yes\nenable-debug-command yes\nenable-module-command yes\n"
      "propagation-error-behavior panic\nshutdown-on-sigterm force\nunixsocket /tmp/s.1\n"
      "cluster-ping-interval 100\nset-max-listpack-entries 128\nrename-command flushdb badger\n"
      "user alice on nopass ~* +@all\nuser alice off\n";
  const auto result = read("/r.conf");
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_TRUE(settings.persistence.save_points.empty());
  EXPECT_TRUE(settings.process.shutdown_on_sigterm.has(ShutdownOption::force));
  EXPECT_EQ(settings.security.users.size(), 2u);
  EXPECT_EQ(settings.security.users[1].line, 32u);
  EXPECT_EQ(settings.security.renamed_commands,
            (std::vector<RenamedCommand>{{"flushdb", "badger"}}));
}

TEST_F(ConfigFileTest, old_directives_without_meaning_are_accepted) {
  EXPECT_EQ(error("list-max-ziplist-entries 5\nlua-replicate-commands yes\n"), "no error");
  expect_error("lua-replicate-commands", "Bad directive or wrong number of arguments");
}

TEST_F(ConfigFileTest, errors_name_file_line_and_text) {
  EXPECT_EQ(error("port 1\n\n  nonsense  1 \n"),
            "*** FATAL CONFIG FILE ERROR (Redis 7.2.5) ***\n"
            "Reading the configuration file, at line 3 of /r.conf\n"
            ">>> 'nonsense  1'\n"
            "Bad directive or wrong number of arguments");
}

TEST_F(ConfigFileTest, each_sort_of_bad_line_has_its_error) {
  expect_error("port 'x", "Unbalanced quotes in configuration line");
  expect_error("save \"1 'x\"", "Unbalanced quotes in configuration line");
  expect_error("port 1 2", "wrong number of arguments");
  expect_error("include", "Bad directive or wrong number of arguments");
  expect_error("rename-command a", "Bad directive or wrong number of arguments");
  expect_error("user", "Bad directive or wrong number of arguments");
  expect_error("sentinel monitor x", "sentinel directive while not in sentinel mode");
  expect_error("loadmodule /x.so", "Modules are not supported, remove this line");
  expect_error("my.module", "Module config specified without value");
  expect_error("my.module 1", "Modules are not supported, remove this setting of a module");
  expect_error("include /none.conf", "Fatal error, can't open config file '/none.conf'");
}

TEST_F(ConfigFileTest, includes_are_read_in_their_place) {
  files.contents["/r.conf"] = "port 1\ninclude /b.conf\ntimeout 3\n";
  files.contents["/b.conf"] = "port 2\ntimeout 2\n";
  ASSERT_TRUE(read("/r.conf"));
  EXPECT_EQ(settings.network.port, 2);
  EXPECT_EQ(settings.network.idle_timeout.count(), 3);
}

TEST_F(ConfigFileTest, includes_take_patterns_in_any_part_of_the_path) {
  files.contents["/etc/a/1.conf"] = "port 1";
  files.contents["/etc/b/2.conf"] = "port 2";
  files.contents["/etc/b/.hidden.conf"] = "port 3";
  files.contents["/etc/b/2.txt"] = "nonsense";
  files.contents["/etc/c/other"] = "nonsense";
  files.contents["/r.conf"] = "include /etc/*/?.conf\ninclude /nothing/*.conf\n";
  const auto result = read("/r.conf");
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(settings.network.port, 2);
  files.contents["conf.d/x.conf"] = "port 9";
  files.contents["/r.conf"] = "include conf.d/[xy].conf";
  ASSERT_TRUE(read("/r.conf"));
  EXPECT_EQ(settings.network.port, 9);
}

TEST_F(ConfigFileTest, an_error_in_an_included_file_names_that_file) {
  files.contents["/b.conf"] = "port 1\nport x\n";
  expect_error("include /b.conf",
               "at line 2 of /b.conf\n>>> 'port x'\nargument couldn't be parsed into an integer");
}

TEST_F(ConfigFileTest, a_circle_of_includes_is_an_error) {
  files.contents["/b.conf"] = "include /r.conf\n";
  expect_error("include /b.conf",
               "at line 1 of /b.conf\n>>> 'include /r.conf'\n'/r.conf' includes itself");
  expect_error("include /*.conf", "includes itself");
  std::string deep = "/x.conf";
  for (int i = 0; i < 20; ++i) {
    files.contents[deep] = "include /." + deep;
    deep = "/." + deep;
  }
  expect_error("include /x.conf", "Includes are nested too deeply");
}

TEST_F(ConfigFileTest, a_flood_of_includes_is_an_error) {
  std::string twice = "include /0.conf\ninclude /0.conf\n";
  for (int i = 0; i < 14; ++i) {
    const std::string next = "include /" + std::to_string(i + 1) + ".conf\n";
    files.contents["/" + std::to_string(i) + ".conf"] = next + next;
  }
  files.contents["/14.conf"] = "port 1";
  expect_error(twice, "Too many included files");
}

TEST_F(ConfigFileTest, what_does_not_fit_together_is_an_error) {
  EXPECT_EQ(error("cluster-enabled yes\nreplicaof 1.1.1.1 1\n"),
            "*** FATAL CONFIG FILE ERROR (Redis 7.2.5) ***\n"
            "replicaof directive not allowed in cluster mode");
}

TEST_F(ConfigFileTest, a_cluster_node_has_one_database) {
  EXPECT_EQ(error("cluster-enabled yes\n"), "no error");
  EXPECT_EQ(settings.limits.databases, 1);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0],
            "WARNING: Changing databases number from 16 to 1 since we are in cluster mode");
}

TEST_F(ConfigFileTest, hz_is_moved_into_its_range) {
  EXPECT_EQ(error("hz 0"), "no error");
  EXPECT_EQ(settings.process.hz, 1);
  EXPECT_EQ(error("hz 100000"), "no error");
  EXPECT_EQ(settings.process.hz, 500);
}

}  // namespace
}  // namespace banyan::config
