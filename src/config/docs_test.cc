#include "config/docs.h"

#include <gtest/gtest.h>

#include "config/setting.h"

namespace banyan::config {
namespace {

TEST(SettingsDocs, tell_of_every_setting_its_values_and_its_default) {
  const std::string text = render_settings_md();
  for (const auto group : all_settings())
    for (const Setting& setting : group)
      EXPECT_NE(text.find("\n### " + std::string(setting.name) + "\n"), std::string::npos)
          << setting.name;
  EXPECT_NE(text.find("\n### appendfsync\n\n- Values: one of "), std::string::npos);
  EXPECT_NE(text.find("\n### repl-backlog-size\n\n- Values: bytes, from 1 to no limit\n"
                      "- Default: `1048576`\n"),
            std::string::npos);
}

TEST(SettingsDocs, say_what_is_special_about_a_setting) {
  const std::string text = render_settings_md();
  const std::size_t databases = text.find("\n### databases\n");
  const std::size_t next = text.find("\n### ", databases + 1);
  EXPECT_NE(text.substr(databases, next - databases).find("Only at start"), std::string::npos);
  EXPECT_NE(text.find("\n### requirepass\n\n- Values: text\n- Default: empty\n"
                      "- Its value is kept out of logs\n"),
            std::string::npos);
}

TEST(SettingsDocs, name_every_group) {
  const std::string text = render_settings_md();
  for (const char* group : {"Network", "Encodings", "Security", "Limits"})
    EXPECT_NE(text.find("\n## " + std::string(group) + "\n"), std::string::npos) << group;
}

}  // namespace
}  // namespace banyan::config
