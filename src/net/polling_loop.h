// PollingLoop: what the kernel's streams and listeners need of their loop beyond Loop.
//
// Threads   As Loop.
#pragma once

#include "base/env.h"

namespace banyan::net {

class Poller;
class Resolver;

class PollingLoop : public Loop {
 public:
  virtual Poller& poller() = 0;
  virtual Resolver& resolver() = 0;
};

}  // namespace banyan::net
