#include <gtest/gtest.h>

#include "server/world_for_test.h"

namespace banyan::server {
namespace {

// Once both were read at the start only.
TEST(SettingsOfANode, of_events_and_deletions_take_effect_at_once) {
  TestWorld w;
  sim::Client& a = w.client();
  const commands::Context& context = w.server().main_worker().dispatcher().context();
  EXPECT_EQ(w.send(a, "CONFIG SET lazyfree-lazy-server-del yes lazyfree-lazy-expire yes"),
            "+OK\r\n");
  EXPECT_EQ(context.own_deletion, "UNLINK");
  EXPECT_EQ(context.expiry_deletion, "UNLINK");
  EXPECT_EQ(w.send(a, "CONFIG SET notify-keyspace-events Em"), "+OK\r\n");
  EXPECT_TRUE(context.tells_misses);
}

}  // namespace
}  // namespace banyan::server
