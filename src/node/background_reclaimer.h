// BackgroundReclaimer: frees large values on the background thread of a worker's loop.
//
// Threads   free_later(): the worker's.
#pragma once

#include "base/env.h"
#include "commands/context.h"
#include "node/metrics.h"

namespace banyan::node {

class BackgroundReclaimer final : public commands::Reclaimer {
 public:
  // Both outlive the work given to them.
  BackgroundReclaimer(Loop& loop, Metrics& metrics) : loop_(loop), metrics_(metrics) {}

  void free_later(store::Entry* entry) override {
    ++metrics_.keys_to_free;
    loop_.offload([entry] { store::Entry::destroy(entry); },
                  [&metrics = metrics_] {
                    --metrics.keys_to_free;
                    ++metrics.keys_freed;
                  });
  }

 private:
  Loop& loop_;
  Metrics& metrics_;
};

}  // namespace banyan::node
