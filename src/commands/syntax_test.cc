#include "commands/syntax.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "commands/command_names.h"
#include "generic/families.h"

namespace banyan::commands {
namespace {

// A tree on one line: name:type:key_spec (TOKEN) ?=optional +=multiple *=token repeats {arguments}
std::string text_of(const std::vector<Argument>& arguments) {
  std::string text;
  for (const Argument& a : arguments) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}:{}", a.name, name_of(a.type));
    if (a.key_spec >= 0) text += fmt::format(":{}", a.key_spec);
    if (!a.token.empty()) text += "(" + a.token + ")";
    if (a.optional) text += "?";
    if (a.multiple) text += "+";
    if (a.repeats_token) text += "*";
    if (a.is_group()) text += "{" + text_of(a.arguments) + "}";
  }
  return text;
}
std::string parsed(std::string_view syntax, int key_specs = 1) {
  const auto arguments = parse_syntax(syntax, key_specs);
  return arguments ? text_of(*arguments) : "error: " + std::string(arguments.error().text());
}

TEST(SyntaxTest, values_have_the_type_of_their_name_or_the_one_given) {
  EXPECT_EQ(parsed("key seconds value start:string"),
            "key:key:0 seconds:integer value:string start:string");
  EXPECT_EQ(parsed("key at:unix-time", 0), "key:key at:unix-time");
  EXPECT_EQ(parsed(""), "");
}

TEST(SyntaxTest, keys_are_about_the_key_specs_in_order) {
  EXPECT_EQ(parsed("source destination destkey", 2),
            "source:key:0 destination:key:1 destkey:key:1");
}

TEST(SyntaxTest, brackets_make_things_optional_and_bars_make_choices) {
  EXPECT_EQ(parsed("[REPLACE] [DB destination-db]"),
            "replace:pure-token(REPLACE)? destination-db:integer(DB)?");
  EXPECT_EQ(parsed("[NX | XX] <LEFT | RIGHT>"),
            "condition:oneof?{nx:pure-token(NX) xx:pure-token(XX)} "
            "left-or-right:oneof{left:pure-token(LEFT) right:pure-token(RIGHT)}");
  EXPECT_EQ(parsed("[EX seconds | KEEPTTL]"),
            "seconds-or-keepttl:oneof?{seconds:integer(EX) keepttl:pure-token(KEEPTTL)}");
}

TEST(SyntaxTest, a_token_belongs_to_what_follows_it) {
  EXPECT_EQ(parsed("[LIMIT offset count]"), "limit:block(LIMIT)?{offset:integer count:integer}");
  EXPECT_EQ(parsed("[FILTERBY <filterby: MODULE name | PATTERN pattern>]"),
            "filterby:oneof(FILTERBY)?{name:string(MODULE) pattern:pattern(PATTERN)}");
  EXPECT_EQ(parsed("<COUNT count [ANY]>"),
            "count:block{count:integer(COUNT) any:pure-token(ANY)?}");
  EXPECT_EQ(parsed("<key | \"\"> [= | ~] <* | id>"),
            "key-or-empty-string:oneof{key:key:0 empty-string:pure-token(\"\")} "
            "equal-or-approximately:oneof?{equal:pure-token(=) approximately:pure-token(~)} "
            "auto-id-or-id:oneof{auto-id:pure-token(*) id:string}");
}

TEST(SyntaxTest, dots_repeat_what_stands_before) {
  EXPECT_EQ(parsed("key [key ...]"), "key:key:0+");
  EXPECT_EQ(parsed("key..."), "key:key:0+");
  EXPECT_EQ(parsed("key ..."), "key:key:0+");
  EXPECT_EQ(parsed("<key value> ... [NX | XX]"),
            "data:block+{key:key:0 value:string} "
            "condition:oneof?{nx:pure-token(NX) xx:pure-token(XX)}");
  EXPECT_EQ(parsed("[key ...]"), "key:key:0?+");
  EXPECT_EQ(parsed("key value [key value ...]"), "data:block+{key:key:0 value:string}");
  EXPECT_EQ(parsed("[GET pattern [GET pattern ...]]"), "pattern:pattern(GET)?+*");
  EXPECT_EQ(parsed("[KEYS key [key ...]]"), "key:key:0(KEYS)?+");
  EXPECT_EQ(parsed("FVS field value [field value ...]"),
            "data:block(FVS)+{field:string value:string}");
  EXPECT_EQ(parsed("<streams: STREAMS key [key ...] id [id ...]>"),
            "streams:block{key:key:0(STREAMS)+ id:string+}");
}

TEST(SyntaxTest, what_is_no_syntax_is_an_error_that_says_where) {
  for (const std::string_view bad : {"[a", "a]", "a |", "<a | >", "[]", "a > b", "...", "x:type"})
    EXPECT_TRUE(parsed(bad).starts_with("error: ")) << bad;
  EXPECT_EQ(parsed("[key"), "error: expected ] at 4 of \"[key\"");
  EXPECT_TRUE(parsed(std::string(50, '[')).starts_with("error: expected less depth"));
}

void expect_good_syntax(const CommandSpec& spec) {
  const auto arguments = parse_syntax(spec.syntax, static_cast<int>(key_spec_count(spec)));
  EXPECT_TRUE(arguments.has_value())
      << spec.name << ": " << (arguments ? "" : arguments.error().text());
  for (const CommandSpec& sub : spec.subcommands) expect_good_syntax(sub);
}

TEST(SyntaxTest, the_syntax_of_every_command_parses) {
  for (const Family& family : generic::data_families())
    for (const CommandSpec& spec : family) expect_good_syntax(spec);
}

}  // namespace
}  // namespace banyan::commands
