// Listeners: the addresses a node listens at, from the settings bind, port and unixsocket.
//
// Threads   The main loop's.
// Failure   open() says which address could not be bound; then nothing has changed.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/env.h"
#include "config/settings.h"
#include "node/logger.h"

namespace banyan::node {

class Listeners {
 public:
  using OnAccept = std::function<void(std::unique_ptr<Stream>)>;
  Listeners(Loop& loop, Logger& logger, OnAccept on_accept)
      : loop_(loop), logger_(logger), on_accept_(std::move(on_accept)) {}

  // In place of those open so far. On failure none is open.
  Result<> open(const config::Network& network);
  void close() { listeners_.clear(); }
  bool empty() const { return listeners_.empty(); }
  // Of the first TCP listener: the port really bound.
  std::uint16_t port() const;

 private:
  Result<> open_one(const Address& at, const config::Network& network,
                    std::vector<std::unique_ptr<Listener>>& into);

  Loop& loop_;
  Logger& logger_;
  OnAccept on_accept_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace banyan::node
