#include "node/data_loader.h"

#include <gtest/gtest.h>

#include <string>

namespace banyan::node {
namespace {

struct Load {
  Result<> add(const std::string& key) {
    return loader.sink().on_key({.key = key,
                                 .type = persist::RdbType::string,
                                 .meta = {},
                                 .payload = Bytes("\x01v", 2),
                                 .payload_offset = 0});
  }
  // Keys k0 ... with one of them again at the end.
  Result<> all_with_one_again(int count, const std::string& again) {
    for (int i = 0; i < count; ++i) TRY_DO(add("k" + std::to_string(i)));
    TRY_DO(add(again));
    return loader.sink().on_end();
  }

  store::Keyspace keyspace{{.secret = {1, 2}}};
  DataLoader loader{keyspace, {}};
};

TEST(DataLoaderTest, every_key_is_there_at_the_end) {
  Load load;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(load.add("k" + std::to_string(i)));
  ASSERT_TRUE(load.loader.sink().on_end());
  EXPECT_EQ(load.loader.keys_loaded(), 1000U);
  const DataLoader::Content content = load.loader.take();
  EXPECT_EQ(content[0]->size(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "k" + std::to_string(i);
    const store::Key key = load.keyspace.key(name);
    EXPECT_TRUE(content[0]->table(key.table).find(key.text, key.hash)) << name;
  }
}

TEST(DataLoaderTest, a_key_that_comes_twice_is_an_error_however_far_apart) {
  for (const auto& [count, again] : {std::pair(1, "k0"), {63, "k62"}, {64, "k0"}, {500, "k7"}}) {
    Load load;
    const Result<> loaded = load.all_with_one_again(count, again);
    ASSERT_FALSE(loaded) << count;
    EXPECT_EQ(loaded.error().text(), "RDB has duplicated key '" + std::string(again) + "' in DB 0");
  }
}

TEST(DataLoaderTest, the_same_key_in_two_databases_is_two_keys) {
  Load load;
  ASSERT_TRUE(load.add("k"));
  ASSERT_TRUE(load.loader.sink().on_select(1));
  ASSERT_TRUE(load.add("k"));
  ASSERT_TRUE(load.loader.sink().on_end());
  EXPECT_EQ(load.loader.keys_loaded(), 2U);
}

// (The address sanitizer would tell.)
TEST(DataLoaderTest, a_load_that_is_given_up_frees_what_it_made) {
  Load load;
  EXPECT_TRUE(load.add("k"));
}

}  // namespace
}  // namespace banyan::node
