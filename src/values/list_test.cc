#include "values/list.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "values/collection.h"

namespace banyan::values {

using encodings::ListEnd;
using encodings::ListpackValue;

namespace {

struct ListTest : testing::Test {
  ListTest() { create_body(Type::list, body); }
  ~ListTest() override { destroy_body(Type::list, body); }
  ListTest(const ListTest&) = delete;
  ListTest& operator=(const ListTest&) = delete;

  Body body;
  EncodingLimits limits;

  List list() { return {body, limits}; }
  void push(std::initializer_list<Bytes> texts) { list().push(ListEnd::tail, {texts}); }
  std::string encoding() const { return name_of(body.encoding()); }
  static std::string joined(Body of) {
    std::string all;
    ListView(of).visit_all([&](const ListpackValue& value) {
      IntegerText room;
      all += std::string(all.empty() ? "" : " ") + std::string(value.as_text(room));
    });
    return all;
  }
};

TEST_F(ListTest, is_a_listpack_until_one_more_element_would_not_fit) {
  limits.list_listpack_size = 3;
  push({"a", "b", "c"});
  EXPECT_EQ(encoding(), "listpack");
  push({"d"});
  EXPECT_EQ(encoding(), "quicklist");
  EXPECT_EQ(joined(body), "a b c d");
}

TEST_F(ListTest, becomes_a_quicklist_by_bytes_as_they_were_given) {
  const std::string text(4000, 'x');
  push({text, text});
  EXPECT_EQ(encoding(), "listpack");
  push({std::string(190, 'x')});
  EXPECT_EQ(encoding(), "quicklist");
}

TEST_F(ListTest, is_a_listpack_again_at_half_of_what_one_may_hold) {
  limits.list_listpack_size = 4;
  push({"a", "b", "c", "d", "e"});
  list().pop(ListEnd::tail);
  EXPECT_EQ(encoding(), "quicklist");
  list().pop(ListEnd::tail);
  EXPECT_EQ(encoding(), "quicklist");
  list().pop(ListEnd::head);
  EXPECT_EQ(encoding(), "listpack");
  EXPECT_EQ(joined(body), "b c");
}

TEST_F(ListTest, stays_a_quicklist_while_it_has_a_plain_node) {
  limits.list_listpack_size = 4;
  limits.list_plain_bytes = 3;
  push({"a", "b", "c", "d", "large"});
  list().erase(0, 4);
  EXPECT_EQ(encoding(), "quicklist");
  EXPECT_EQ(joined(body), "large");
  list().replace(0, ListpackValue::of("x"));
  EXPECT_EQ(encoding(), "listpack");
}

TEST_F(ListTest, can_be_emptied_and_filled_again_in_either_encoding) {
  limits.list_listpack_size = 2;
  for (int round = 0; round < 2; ++round) {
    push({"a"});
    list().pop(ListEnd::head);
    EXPECT_EQ(ListView(body).size(), 0U);
    push({"a", "b", "c"});
    list().erase(0, 3);
    EXPECT_EQ(ListView(body).size(), 0U);
  }
}

TEST_F(ListTest, removes_equal_elements_from_either_end_of_a_listpack) {
  push({"a", "b", "a", "c", "a"});
  EXPECT_EQ(list().remove(ListEnd::tail, 2, ListpackValue::of("a")), 2U);
  EXPECT_EQ(joined(body), "a b c");
  EXPECT_EQ(list().remove(ListEnd::head, 2, ListpackValue::of("a")), 1U);
  EXPECT_EQ(joined(body), "b c");
  EXPECT_EQ(list().remove(ListEnd::head, 2, ListpackValue::of("a")), 0U);
}

TEST_F(ListTest, copies_both_encodings) {
  limits.list_listpack_size = 2;
  for (const char* expected : {"listpack", "quicklist"}) {
    push({"a", "12"});
    Body copy;
    copy_body(Type::list, body, copy);
    EXPECT_STREQ(name_of(copy.encoding()), expected);
    EXPECT_EQ(joined(copy), joined(body));
    EXPECT_LE(memory_bytes(Type::list, copy), memory_bytes(Type::list, body));
    EXPECT_EQ(free_effort(Type::list, copy), free_effort(Type::list, body));
    destroy_body(Type::list, copy);
  }
}

}  // namespace
}  // namespace banyan::values
