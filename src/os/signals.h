// Signals as readable events: a SignalWatch turns the signals it is asked for into a descriptor
// that can be polled, so that no code runs inside a signal handler.
//
// Invariants   Threads started under a SignalBlock never receive the signals of env.h. The thread
//              that made the watch has blocked those that were added; it gets its old mask back at
//              the end. A signal that nobody added keeps its default action.
// Threads      A SignalWatch belongs to the thread that made it.
// Failure      None.
#pragma once

#include <csignal>
#include <vector>

#include "base/env.h"
#include "os/descriptor.h"

namespace banyan::os {

void ignore_broken_pipes();  // SIGPIPE, for the process

class SignalWatch {
 public:
  SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch();

  void add(Signal signal);
  // Those that have arrived since the last call.
  std::vector<Signal> take();
  int descriptor() const { return descriptor_.get(); }

 private:
  sigset_t watched_;
  sigset_t mask_before_;
  Descriptor descriptor_;
};

// While it lives, threads that are started inherit a mask without the signals of env.h.
class SignalBlock {
 public:
  SignalBlock();
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;
  ~SignalBlock();

 private:
  sigset_t mask_before_;
};

}  // namespace banyan::os
