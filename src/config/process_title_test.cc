#include "config/process_title.h"

#include <gtest/gtest.h>

namespace banyan::config {
namespace {

std::string title(const std::string& text, const Settings& base = {}, bool sentinel = false) {
  Settings settings = base;
  settings.process.title_template = text;
  return process_title(settings, {.program = "./banyan-server",
                                  .config_file = sentinel ? "/etc/a.conf" : "",
                                  .sentinel = sentinel});
}

TEST(ProcessTitle, is_program_and_address_by_default) {
  EXPECT_EQ(title(Settings{}.process.title_template), "./banyan-server *:6379");
}

TEST(ProcessTitle, has_all_fields_of_redis) {
  Settings settings;
  settings.network.bind = {"127.0.0.1", "::1"};
  settings.network.port = 7000;
  settings.network.unix_socket = "/tmp/s";
  EXPECT_EQ(
      title("{title}|{listen-addr}|{server-mode}|{port}|{tls-port}|{unixsocket}|{config-file}",
            settings),
      "./banyan-server|127.0.0.1:7000||7000|0|/tmp/s|-");
  EXPECT_EQ(title("{server-mode} {config-file}", settings, true), "[sentinel] /etc/a.conf");
  settings.cluster.enabled = true;
  EXPECT_EQ(title("{server-mode}", settings), "[cluster]");
}

TEST(ProcessTitle, names_another_way_in_where_there_is_no_port) {
  Settings settings;
  settings.network.port = 0;
  settings.network.unix_socket = "/tmp/s";
  EXPECT_EQ(title("{listen-addr}", settings), "unixsocket:/tmp/s");
  settings.tls.port = 7001;
  EXPECT_EQ(title("{listen-addr}", settings), "*:7001");
}

TEST(ProcessTitle, keeps_braces_that_are_doubled_and_no_spaces_at_its_ends) {
  EXPECT_EQ(title("  a {{{port}} {{} {server-mode} "), "a {6379} {}");
}

TEST(ProcessTitle, is_refused_when_it_is_none) {
  for (const char* good : {"a", "{port}", "{unixsocket}", "{{", "{title}x", "x}"})
    EXPECT_TRUE(check_title_template(good)) << good;
  for (const char* bad : {"", "  ", "{", "{}", "{port", "{nonsense}", "{title}", "{server-mode}",
                          "{title} {server-mode}", "{ port}"})
    EXPECT_FALSE(check_title_template(bad)) << bad;
}

}  // namespace
}  // namespace banyan::config
