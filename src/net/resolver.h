// Resolver: names to addresses, on a thread of its own, so that a DNS server which does not answer
// holds up neither a loop nor the disk calls of Loop::offload.
//
// Invariants   An answer runs on the loop that asked, on a later turn; none after the Resolver was
//              destroyed.
// Threads      resolve(): any thread.
// Failure      The answer is an error. The thread is abandoned, not joined, by the destructor:
//              getaddrinfo cannot be interrupted and may take half a minute.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/env.h"
#include "net/socket.h"

namespace banyan::net {

class Resolver {
 public:
  using Answer = std::move_only_function<void(Result<std::vector<IpAddress>>)>;

  Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  void resolve(std::string host, std::uint16_t port, Loop& loop, Answer answer);

 private:
  struct Shared;  // with the thread, which may outlive this object
  static void run(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace banyan::net
