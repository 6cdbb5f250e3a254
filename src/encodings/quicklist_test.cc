#include "encodings/quicklist.h"

#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace banyan::encodings {
namespace {

using Texts = std::vector<std::string>;

Texts texts(const Quicklist& list, std::size_t index, std::size_t count, bool backward = false) {
  Texts all;
  IntegerText room;
  list.visit(index, count, backward, [&](const ListpackValue& value) {
    all.emplace_back(value.as_text(room));
    return true;
  });
  return all;
}
Texts texts(const Quicklist& list) { return texts(list, 0, list.size()); }

void push(Quicklist& list, Bytes text) { list.push(ListEnd::tail, ListpackValue::of(text)); }

std::vector<std::size_t> node_counts(const Quicklist& list) {
  std::vector<std::size_t> counts;
  for (const ListNode& node : list.nodes()) counts.push_back(node.count());
  return counts;
}

TEST(ListLimits, speak_of_elements_or_of_size_classes) {
  EXPECT_FALSE((ListLimits{.node_limit = -1}.exceeded_by(4096, 100000)));
  EXPECT_TRUE((ListLimits{.node_limit = -1}.exceeded_by(4097, 1)));
  EXPECT_FALSE((ListLimits{.node_limit = -5}.exceeded_by(65536, 1)));
  EXPECT_TRUE((ListLimits{.node_limit = -100}.exceeded_by(65537, 1)));
  EXPECT_FALSE((ListLimits{.node_limit = 3}.exceeded_by(8192, 3)));
  EXPECT_TRUE((ListLimits{.node_limit = 3}.exceeded_by(8193, 3)));
  EXPECT_TRUE((ListLimits{.node_limit = 3}.exceeded_by(30, 4)));
  EXPECT_FALSE((ListLimits{.node_limit = 0}.exceeded_by(30, 1)));
  EXPECT_TRUE((ListLimits{.node_limit = 0}.exceeded_by(30, 2)));
}

TEST(Quicklist, fills_nodes_up_to_the_limit) {
  Quicklist list({.node_limit = 3});
  for (int i = 0; i < 7; ++i) push(list, std::to_string(i));
  EXPECT_EQ(node_counts(list), (std::vector<std::size_t>{3, 3, 1}));
  EXPECT_EQ(texts(list), (Texts{"0", "1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(texts(list, 5, 4, true), (Texts{"5", "4", "3", "2"}));
}

TEST(Quicklist, gives_a_large_element_a_node_of_its_own) {
  Quicklist list({.node_limit = 10, .plain_bytes_min = 5});
  for (const char* text : {"a", "large", "b", "c"}) push(list, text);
  ASSERT_EQ(node_counts(list), (std::vector<std::size_t>{1, 1, 2}));
  EXPECT_TRUE(list.nodes()[1].is_plain());
  list.replace(3, ListpackValue::of("LARGE"));
  EXPECT_EQ(texts(list), (Texts{"a", "large", "b", "LARGE"}));
  EXPECT_TRUE(list.nodes().back().is_plain());
  list.replace(1, ListpackValue::of("x"));
  EXPECT_EQ(texts(list), (Texts{"a", "x", "b", "LARGE"}));
  list.insert(0, true, ListpackValue::of("between"));
  EXPECT_EQ(texts(list), (Texts{"a", "between", "x", "b", "LARGE"}));
}

TEST(Quicklist, splits_a_full_node_to_insert_and_joins_what_fits) {
  Quicklist list({.node_limit = 4});
  for (int i = 0; i < 12; ++i) push(list, std::to_string(i));
  list.insert(5, true, ListpackValue::of("new"));
  EXPECT_EQ(texts(list, 4, 4), (Texts{"4", "5", "new", "6"}));
  EXPECT_EQ(node_counts(list), (std::vector<std::size_t>{4, 2, 3, 4}));
  list.erase(9, 4);
  list.insert(2, false, ListpackValue::of("newer"));
  EXPECT_EQ(node_counts(list), (std::vector<std::size_t>{3, 4, 3}));
  EXPECT_EQ(texts(list), (Texts{"0", "1", "newer", "2", "3", "4", "5", "new", "6", "7"}));
}

TEST(Quicklist, keeps_only_the_ends_uncompressed) {
  Quicklist list({.node_limit = 2, .compress_depth = 1});
  const std::string text(100, 'x');
  for (int i = 0; i < 10; ++i) push(list, text + std::to_string(i));
  const auto compressed = [&] {
    std::string marks;
    for (const ListNode& node : list.nodes()) marks += node.is_compressed() ? 'c' : '-';
    return marks;
  };
  EXPECT_EQ(compressed(), "-ccc-");
  EXPECT_EQ(texts(list, 3, 2), (Texts{text + "3", text + "4"}));
  list.replace(4, ListpackValue::of(text + "new"));
  EXPECT_EQ(compressed(), "-ccc-");
  list.erase(0, 2);
  EXPECT_EQ(compressed(), "-cc-");
  EXPECT_EQ(list.remove(ListEnd::tail, 1, ListpackValue::of(text + "5")), 1U);
  EXPECT_EQ(compressed(), "-cc-");
  list.erase(2, 5);
  EXPECT_EQ(compressed(), "-");
  EXPECT_EQ(texts(list), (Texts{text + "2", text + "3"}));
}

TEST(Quicklist, does_not_compress_what_would_not_shrink) {
  Quicklist list({.node_limit = 1, .compress_depth = 1});
  Rng rng(3);
  for (int i = 0; i < 3; ++i) {
    std::string noise;
    for (int j = 0; j < 500; ++j) noise += static_cast<char>(rng.next());
    push(list, noise);
  }
  EXPECT_FALSE(list.nodes()[1].is_compressed());
}

TEST(Quicklist, takes_at_most_nineteen_bytes_for_an_item_of_sixteen) {
  Quicklist list({});
  for (int i = 0; i < 100000; ++i) list.push(ListEnd::head, ListpackValue::of("0123456789abcdef"));
  EXPECT_LT(list.memory_bytes(), 19U * 100000);
}

TEST(Quicklist, is_measured_by_the_first_nodes) {
  Quicklist list({});
  for (int i = 0; i < 10000; ++i) list.push(ListEnd::tail, ListpackValue::of("0123456789abcdef"));
  for (int i = 0; i < 10000; ++i) list.push(ListEnd::tail, ListpackValue::of("1"));
  const std::size_t exact = list.memory_bytes();
  EXPECT_EQ(list.memory_bytes(list.nodes().size()), exact);
  EXPECT_EQ(list.memory_bytes(list.nodes().size() + 1), exact);
  EXPECT_NE(list.memory_bytes(1), exact);
  EXPECT_NEAR(static_cast<double>(list.memory_bytes(1)), static_cast<double>(exact),
              0.2 * static_cast<double>(exact));
}

TEST(Quicklist, keeps_a_queue_of_constant_length_in_constant_memory) {
  Quicklist list({});
  for (int i = 0; i < 1000; ++i) push(list, "0123456789abcdef");
  const std::size_t before = list.memory_bytes();
  for (int i = 0; i < 10000; ++i) {
    push(list, "0123456789abcdef");
    list.erase(0, 1);
  }
  EXPECT_LE(list.memory_bytes(), before + 8192);
}

// The model: a deque of texts; every change is made to both.
struct QuicklistModel {
  QuicklistModel(std::uint64_t seed, const ListLimits& limits) : rng(seed), list(limits) {}

  Rng rng;
  Quicklist list;
  std::deque<std::string> model;

  std::string random_text() {
    if (rng.below(3) == 0) return std::to_string(rng.below(5));
    return std::string(rng.below(rng.below(10) == 0 ? 3000 : 40),
                       static_cast<char>('a' + rng.below(3)));
  }
  auto model_at(std::size_t index) { return model.begin() + static_cast<std::ptrdiff_t>(index); }

  void remove(const std::string& text) {
    const bool head = rng.chance(0.5);
    const std::size_t count_max = rng.below(4) == 0 ? model.size() : rng.below(3);
    std::size_t removed = 0;
    for (std::size_t i = 0; i < model.size() && removed < count_max;) {
      const std::size_t index = head ? i : model.size() - 1 - i;
      if (model[index] != text) {
        ++i;
      } else {
        model.erase(model_at(index));
        ++removed;
      }
    }
    EXPECT_EQ(list.remove(head ? ListEnd::head : ListEnd::tail, count_max, ListpackValue::of(text)),
              removed);
  }
  void change() {
    const std::string text = random_text();
    const ListpackValue value = ListpackValue::of(text);
    const unsigned choice = static_cast<unsigned>(rng.below(10));
    if (choice < 3 || model.empty()) {
      list.push(ListEnd::tail, value);
      model.push_back(text);
      return;
    }
    if (choice < 5) {
      list.push(ListEnd::head, value);
      model.push_front(text);
      return;
    }
    const std::size_t index = rng.below(model.size());
    if (choice == 5) {
      list.replace(index, value);
      *model_at(index) = text;
    } else if (choice < 8) {
      const bool behind = rng.chance(0.5);
      list.insert(index, behind, value);
      model.insert(model_at(index + (behind ? 1 : 0)), text);
    } else if (choice == 8) {
      const std::size_t most = rng.below(10) == 0 ? 200 : 4;
      const std::size_t count = std::min(rng.below(most) + 1, model.size() - index);
      list.erase(index, count);
      model.erase(model_at(index), model_at(index + count));
    } else {
      remove(text);
    }
  }
  void compare() {
    ASSERT_EQ(list.size(), model.size());
    ASSERT_EQ(texts(list), Texts(model.begin(), model.end()));
    for (const ListNode& node : list.nodes()) {
      ASSERT_GT(node.count(), 0U);
      ListNode::Scratch scratch;
      const Bytes raw = node.raw(scratch);
      if (!node.is_plain()) {
        ASSERT_TRUE(validate_listpack(raw, true));
      }
    }
    if (model.empty()) return;
    const std::size_t index = rng.below(model.size());
    const std::size_t count = rng.below(index + 1) + 1;
    const Texts expected(std::make_reverse_iterator(model_at(index + 1)),
                         std::make_reverse_iterator(model_at(index + 1 - count)));
    ASSERT_EQ(texts(list, index, count, true), expected);
    IntegerText room;
    ASSERT_EQ(list.peek(ListEnd::head).as_text(room), model.front());
    ASSERT_EQ(list.peek(ListEnd::tail).as_text(room), model.back());
  }
};

TEST(Quicklist, agrees_with_a_deque_of_texts_after_any_changes) {
  const ListLimits kinds[] = {{},
                              {.node_limit = -1, .compress_depth = 1},
                              {.node_limit = 3},
                              {.node_limit = 1, .compress_depth = 2},
                              {.node_limit = 10, .compress_depth = 1, .plain_bytes_min = 30},
                              {.node_limit = 5, .plain_bytes_min = 1}};
  for (const ListLimits& limits : kinds) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      SCOPED_TRACE(testing::Message() << "limit " << limits.node_limit << ", depth "
                                      << limits.compress_depth << ", seed " << seed);
      QuicklistModel both(seed, limits);
      for (int round = 0; round < 12; ++round) {
        for (int i = 0; i < 50; ++i) both.change();
        both.compare();
        if (testing::Test::HasFatalFailure()) return;
      }
      const Quicklist copy(both.list);
      ASSERT_EQ(texts(copy), texts(both.list));
    }
  }
}

}  // namespace
}  // namespace banyan::encodings
