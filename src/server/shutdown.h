// Shutdown: ends the node in good order: lets replicas catch up, saves, then stops the Env.
//
//   idle --begin--> waiting_for_replicas --in step or timeout--> (save) --> the end, or idle again
//
// Threads   The main worker's.
// Failure   A save that fails keeps the node alive, unless forced.
#pragma once

#include <functional>
#include <vector>

#include "base/time.h"
#include "config/settings.h"

namespace banyan::server {

class Server;

struct ShutdownRequest {
  enum class Save : std::uint8_t { by_settings, yes, no };
  Save save = Save::by_settings;
  bool now = false;    // do not wait for replicas
  bool force = false;  // stop even if saving fails
};

class Shutdown {
 public:
  explicit Shutdown(Server& server) : server_(server) {}

  // `failed` hears of it when the node goes on.
  void begin(const ShutdownRequest& request, std::move_only_function<void()> failed);
  bool abort();  // false when no shutdown is under way
  void tick();
  bool is_waiting() const { return waiting_; }
  Duration left() const;

 private:
  bool replicas_lag() const;
  void finish();
  void go_on();

  Server& server_;
  ShutdownRequest request_;
  std::vector<std::move_only_function<void()>> failed_;
  bool waiting_ = false;
  Instant deadline_{};
};

}  // namespace banyan::server
