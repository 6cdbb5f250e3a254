// Policy: what dispatch must obey beyond the command's own spec: role, loading, limits.
//
// Invariants   `restricted` is true whenever any rule could refuse or hold back a command that its
//              spec allows; refresh() keeps it so. In the usual case dispatch tests this one bool.
// Threads      Changed under the exclusive gate; read inside the gate.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace banyan::engine {

enum class PauseKind : std::uint8_t { none, write, all };

struct Policy {
  bool password_required = false;
  bool loading = false;
  bool is_replica = false;
  bool replica_read_only = true;
  bool link_is_up = true;  // replica: in step with its primary
  bool serve_stale_data = true;
  bool save_failed = false;          // stop-writes-on-bgsave-error is in force
  bool lacks_good_replicas = false;  // min-replicas-to-write is not met
  PauseKind pause = PauseKind::none;
  bool shutting_down = false;          // replicas are catching up: writes wait
  bool debug_command_allowed = false;  // for this node; else only with enable-debug-command local

  PauseKind pause_in_force() const {
    return shutting_down && pause == PauseKind::none ? PauseKind::write : pause;
  }

  bool restricted = false;
  void refresh() {
    restricted = loading || is_replica || save_failed || lacks_good_replicas ||
                 pause_in_force() != PauseKind::none;
  }
};

}  // namespace banyan::engine
