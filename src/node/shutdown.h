// Shutdown: ends the node in good order: lets replicas catch up, saves, then stops the Env.
//
//   idle --begin--> waiting_for_replicas --in step or timeout--> (save) --> the end, or idle again
//
// Threads   The main worker's.
// Failure   A save that fails keeps the node alive, unless forced.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/settings.h"

namespace banyan::node {

class Core;

struct ShutdownRequest {
  enum class Save : std::uint8_t { by_settings, yes, no };
  Save save = Save::by_settings;
  bool now = false;    // do not wait for replicas
  bool force = false;  // stop even if saving fails
};

class Shutdown {
 public:
  explicit Shutdown(Core& core) : core_(core) {}

  // `failed` hears of it when the node goes on.
  void begin(const ShutdownRequest& request, std::move_only_function<void()> failed);
  bool abort();  // false when no shutdown is under way
  void tick();
  bool is_waiting() const { return waiting_; }
  Duration left() const;

 private:
  bool replicas_lag() const;
  void finish();
  Result<> save_now();
  void go_on();

  Core& core_;
  ShutdownRequest request_;
  std::vector<std::move_only_function<void()>> failed_;
  bool waiting_ = false;
  Instant deadline_{};
  std::int64_t end_ = 0;  // of the log: what replicas should have
};

}  // namespace banyan::node
