// BackgroundReclaimer: frees large values, and the keys of whole databases, on the background
// thread of a worker's loop.
//
// Threads   free_later(): the worker's.
#pragma once

#include <memory>
#include <vector>

#include "base/env.h"
#include "commands/context.h"
#include "node/metrics.h"

namespace banyan::node {

class BackgroundReclaimer final : public commands::Reclaimer {
 public:
  // Both outlive the work given to them.
  BackgroundReclaimer(Loop& loop, Metrics& metrics) : loop_(loop), metrics_(metrics) {}

  void free_later(store::Entry* entry) override {
    run(1, [entry] { store::Entry::destroy(entry); });
  }
  // Detached tables, with so many keys together.
  void free_later(std::vector<std::shared_ptr<store::TableSet>> tables, std::uint64_t keys) {
    run(keys, [tables = std::move(tables)]() mutable { tables.clear(); });
  }

 private:
  template <class Free>
  void run(std::uint64_t keys, Free free) {
    metrics_.keys_to_free += keys;
    loop_.offload(std::move(free), [&metrics = metrics_, keys] {
      metrics.keys_to_free -= keys;
      metrics.keys_freed += keys;
    });
  }

  Loop& loop_;
  Metrics& metrics_;
};

}  // namespace banyan::node
