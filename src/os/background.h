// Background: a thread that runs tasks one at a time, in the order given. For slow disk calls and
// for freeing large memory, which no loop should wait for.
//
// Invariants   Every task that was given is run, also when the Background is destroyed meanwhile.
// Threads      add() and drain(): any thread but the background one for drain().
// Failure      The thread is started by the constructor, so that a process which may have no more
//              threads learns it when it starts (std::system_error, which ends it) and not later.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/env.h"

namespace banyan::os {

class Background {
 public:
  Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();  // runs what is left, then joins

  void add(Task task);
  void drain();  // returns when every task given so far has been run

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable given_;
  std::condition_variable idle_;
  std::deque<Task> tasks_;
  bool is_busy_ = false;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace banyan::os
