#include "node/listeners.h"

namespace banyan::node {

Result<> Listeners::open_one(const Address& at, const config::Network& network,
                             std::vector<std::unique_ptr<Listener>>& into) {
  const Loop::ListenOptions options{.backlog = network.backlog,
                                    .unix_permissions = network.unix_socket_permissions};
  TRY(std::unique_ptr<Listener> listener,
      loop_.listen(at, options, [this](std::unique_ptr<Stream> s) { on_accept_(std::move(s)); }));
  into.push_back(std::move(listener));
  return {};
}

Result<> Listeners::open(const config::Network& network) {
  std::vector<std::unique_ptr<Listener>> fresh;
  listeners_.clear();  // addresses that are ours already must be free to be bound again
  std::size_t bound = 0;
  for (const std::string& name : network.bind) {
    if (network.port == 0) break;
    const bool optional = name.starts_with('-');
    const std::string host = optional ? name.substr(1) : name;
    const Result<> opened = open_one(Address{host, network.port, {}}, network, fresh);
    if (opened) {
      ++bound;
      continue;
    }
    if (optional) continue;
    logger_.warning("Warning: Could not create server TCP listening socket {}:{}: {}", host,
                    network.port, opened.error().text());
    return fail(fmt::format("Failed listening on port {} (tcp), aborting.", network.port));
  }
  if (network.port != 0 && bound == 0 && !network.bind.empty())
    return fail(fmt::format("Failed listening on port {} (tcp), aborting.", network.port));
  if (!network.unix_socket.empty()) {
    const Result<> opened = open_one(Address{{}, 0, network.unix_socket}, network, fresh);
    if (!opened) {
      logger_.warning("Failed opening Unix socket: bind: {}", opened.error().text());
      return fail("Failed opening Unix socket, aborting.");
    }
  }
  listeners_ = std::move(fresh);
  return {};
}

std::uint16_t Listeners::port() const {
  for (const auto& listener : listeners_)
    if (const Address at = listener->local(); at.path.empty()) return at.port;
  return 0;
}

}  // namespace banyan::node
