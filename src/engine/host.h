// Host: what the dispatcher asks of the worker it runs on, whose clients it serves.
//
// Threads   The worker's, but for post().
#pragma once

#include "base/env.h"
#include "commands/session.h"
#include "resp/output.h"

namespace banyan::engine {

class Host {
 public:
  // A client that is connected, and stays so until the end of the loop's turn.
  struct Client {
    commands::Session* session = nullptr;
    resp::Output* output = nullptr;
  };

  virtual Loop& host_loop() = 0;
  // For callbacks of the loop: runs `task` inside the gate, now.
  virtual void run_inside(Task task) = 0;
  // Any thread: runs `task` inside the gate, on a later turn of the loop.
  virtual void post_inside(Task task) = 0;
  // Null when it has gone.
  virtual Client find_client(std::uint64_t id) = 0;
  // Something was written to its output, to be sent at the end of the turn.
  virtual void send_later(std::uint64_t id) = 0;
  // A held client has its reply: what it sent meanwhile runs at the end of the turn.
  virtual void resume_later(std::uint64_t id) = 0;

 protected:
  ~Host() = default;
};

}  // namespace banyan::engine
