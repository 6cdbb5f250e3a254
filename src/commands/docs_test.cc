#include "commands/docs.h"

#include "generic/generic_test_support.h"

namespace banyan::commands {
namespace {

struct DocsTest : generic::GenericHarness {
  std::string text = render_commands_md(h.registry);
};

TEST_F(DocsTest, a_command_is_told_with_all_that_its_spec_says) {
  EXPECT_NE(text.find("\n### EXPIRE\n\n    EXPIRE key seconds [NX | XX | GT | LT]\n\n"
                      "Gives a key a time to live, in seconds.\n\n- Since: 1.0.0\n"
                      "- Complexity: O(1)\n- Flags: write, fast\n"
                      "- ACL categories: @keyspace, @write, @fast\n"),
            std::string::npos);
}

TEST_F(DocsTest, groups_and_commands_are_sorted) {
  const std::size_t generic = text.find("\n## generic\n");
  const std::size_t server = text.find("\n## server\n");
  ASSERT_NE(generic, std::string::npos);
  EXPECT_LT(generic, server);
  EXPECT_LT(text.find("\n### COPY\n"), text.find("\n### DEL\n"));
  EXPECT_LT(text.find("\n### OBJECT\n"), text.find("\n### OBJECT ENCODING\n"));
  EXPECT_GT(text.find("\n### COMMAND\n"), server);
}

}  // namespace
}  // namespace banyan::commands
