// EpollLoop: the Loop of env.h over epoll. A turn waits for sockets (one epoll_wait), reads the
// clocks once, then runs the events, the mail, the timers that are due and the turn hook.
//
// Invariants   No turn allocates, and none calls the kernel except to wait, unless a callback does.
//              Before and after run() nothing is cached: now() reads the clock.
// Threads      post(), stop(): any thread. The rest: the one in run(), or the one that made the
// loop
//              as long as nobody is.
// Failure      See Loop. Without descriptors for its epoll and eventfd a loop cannot be made
// (CHECK).
#pragma once

#include <atomic>

#include "base/env.h"
#include "net/mailbox.h"
#include "net/poller.h"
#include "net/polling_loop.h"
#include "net/timers.h"
#include "os/background.h"

namespace banyan::net {

class EpollLoop final : public PollingLoop {
 public:
  // The resolver must end before the loop, to which it may be posting.
  explicit EpollLoop(Resolver& resolver);
  ~EpollLoop() override;

  void run();  // until stop()

  Instant now() const override;
  UnixMs unix_ms() const override;
  Instant precise_now() const override;
  TimerId call_at(Instant when, Task task) override { return timers_.add(when, std::move(task)); }
  void cancel(TimerId timer) override { timers_.cancel(timer); }
  void post(Task task) override { mailbox_.post(std::move(task)); }
  void offload(Task work, Task done) override;
  // Not from inside the hook.
  void set_turn_hook(std::move_only_function<bool()> hook) override { hook_ = std::move(hook); }
  Result<std::unique_ptr<Listener>> listen(const Address& at, ListenOptions options,
                                           OnAccept on_accept) override;
  std::unique_ptr<Stream> connect(const Address& to, StreamHandler& handler,
                                  const Address& source) override;
  void hang(Duration length) override;
  void stop() override;

  Poller& poller() override { return poller_; }
  Resolver& resolver() override { return resolver_; }

  // When nobody is in run() any more: ends the offloaded works, destroys the mail that will never
  // be delivered. Returns whether there was any mail, whose end may have made more, here or
  // elsewhere.
  void drain_background() { background_.drain(); }
  bool drop_mail() { return mailbox_.drop_all(); }

 private:
  void turn();
  void read_clocks();
  int timeout_ms() const;

  Resolver& resolver_;
  Poller poller_;  // outlives what follows: tasks may own streams
  Mailbox mailbox_;
  Timers timers_;
  std::move_only_function<bool()> hook_;
  Instant now_;
  UnixMs unix_ms_ = 0;
  bool is_running_ = false;
  bool has_more_ = false;  // the hook said so
  bool was_busy_ = false;  // the last turn did something
  std::atomic<bool> is_stopping_ = false;
  os::Background background_;
};

}  // namespace banyan::net
