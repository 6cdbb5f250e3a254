// Network, part two: listening, names, and the handshake of a connection.
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "base/check.h"
#include "sim/network.h"

namespace banyan::sim {
namespace {

Error os_error(int code) { return Error(Errc::io, std::generic_category().message(code)); }

bool is_ipv6(const std::string& host) { return host.find(':') != std::string::npos; }

bool is_loopback_host(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

bool is_any(const std::string& host) {
  return host.empty() || host == "*" || host == "0.0.0.0" || host == "::*" || host == "::";
}

bool is_number(const std::string& host) {
  return is_ipv6(host) || host.find_first_not_of("0123456789.") == std::string::npos;
}

// Would a listener at `at` answer a connection to `host`? Both numeric.
bool covers(const std::string& at, const std::string& host) {
  return is_any(at) ? is_ipv6(at) == is_ipv6(host) : at == host;
}

}  // namespace

std::string ip_of(NodeId node) {
  const auto n = std::to_underlying(node);
  return fmt::format("10.0.{}.{}", n / 256, n % 256);
}

void Network::start_process(NodeId node, Kernel& kernel) {
  kernels_[node] = &kernel;
  links_.set_power(node, true);
  release_held();
}

bool Network::binds(NodeId node, const std::string& host) const {
  return is_any(host) || resolve(node, host) == node;
}

bool Network::is_taken(NodeId node, const Address& at) const {
  for (const auto& [id, other] : listeners_) {
    if (other.node != node || other.at.path != at.path) continue;
    if (!at.path.empty()) return true;
    if (other.at.port != at.port) continue;
    if (covers(other.at.host, at.host) || covers(at.host, other.at.host)) return true;
  }
  return false;
}

std::uint16_t Network::free_port(NodeId node) {
  while (is_taken(node, {.host = "*", .port = ++next_port_, .path = {}}) || next_port_ < 1024) {
  }
  return next_port_;
}

Result<Network::Listening> Network::listen(NodeId node, const Address& at) {
  if (at.path.empty() && !binds(node, at.host)) return std::unexpected(os_error(EADDRNOTAVAIL));
  Address real = at;
  if (at.path.empty() && !is_any(at.host)) real.host = numeric(node, at.host);
  if (at.path.empty() && at.port == 0) real.port = free_port(node);
  if (is_taken(node, real)) return std::unexpected(os_error(EADDRINUSE));
  const ListenerId id{next_id_++};
  listeners_[id] = {node, real};
  return Listening{id, real};
}

void Network::unlisten(ListenerId listener) { listeners_.erase(listener); }

NodeId Network::resolve(NodeId from, const std::string& host) const {
  if (is_loopback_host(host)) return from;
  if (const auto name = names_.find(host); name != names_.end()) return name->second;
  for (const auto& [name, node] : names_)
    if (ip_of(node) == host) return node;
  return NodeId::none;
}

std::string Network::numeric(NodeId from, const std::string& host) const {
  if (host == "localhost") return "127.0.0.1";
  const NodeId node = resolve(from, host);
  return is_number(host) || node == NodeId::none ? host : ip_of(node);
}

SocketId Network::connect(NodeId node, const Address& to, const Address& source) {
  Socket& socket = make_socket(node);
  socket.peer = to;
  if (to.path.empty()) socket.peer.host = numeric(node, to.host);
  const bool is_local = !to.path.empty() || is_loopback_host(to.host);
  socket.peer_node = is_local ? node : resolve(node, to.host);
  socket.local.host = !source.host.empty() ? source.host : is_local ? "127.0.0.1" : ip_of(node);
  socket.local.port = source.port != 0 ? source.port : free_port(node);
  if (!to.path.empty()) socket.local = {};
  const bool is_name = to.path.empty() && !is_number(to.host);
  const Duration delay =
      is_name ? draw_exponential(rng_, faults_.name_delay_mean) : Duration::zero();
  const bool name_fails = is_name && rng_.chance(faults_.name_failure);
  later(delay, EventKind::handshake, socket, [this, id = socket.id, name_fails] {
    const Socket* from = find(id);
    if (!from) return;
    if (name_fails || !is_number(from->peer.host))
      return fail_connect(id, Error(Errc::io, "Name or service not known"));
    if (from->peer_node == NodeId::none) return fail_connect(id, os_error(EHOSTUNREACH));
    start_handshake(id);
  });
  return socket.id;
}

void Network::start_handshake(SocketId id) {
  Socket* socket = get(id);
  CHECK(socket);
  if (!binds(socket->node, socket->local.host) && socket->peer.path.empty())
    return fail_connect(id, os_error(EADDRNOTAVAIL));
  if (rng_.chance(faults_.refuse_connect)) return fail_connect(id, os_error(ECONNREFUSED));
  knock(id, scheduler_.now(), 1s);
}

// The first packet. Where it cannot pass it is sent again, after ever longer pauses.
void Network::knock(SocketId id, Instant since, Duration pause) {
  Socket* socket = get(id);
  if (!socket) return;
  if (scheduler_.now() - since >= faults_.connect_timeout)
    return fail_connect(id, os_error(ETIMEDOUT));
  if (links_.is_blocked(socket->node, socket->peer_node)) {
    const Duration left = faults_.connect_timeout - (scheduler_.now() - since);
    return later(std::min(pause, left), EventKind::handshake, *socket,
                 [this, id, since, pause] { knock(id, since, pause * 2); });
  }
  const Instant arrival =
      std::max(scheduler_.now(), links_.clogged_until(socket->node, socket->peer_node)) +
      links_.draw_latency(socket->node, socket->peer_node);
  later(arrival - scheduler_.now(), EventKind::handshake, *socket,
        [this, id, since] { answer(id, since); });
}

// It has arrived at the other machine.
void Network::answer(SocketId id, Instant since) {
  Socket* from = get(id);
  if (!from) return;
  const NodeId node = from->peer_node;
  if (links_.is_blocked(from->node, node)) return knock(id, since, 1s);
  const ListenerId listener = find_listener(node, from->peer);
  if (listener != ListenerId::none) accept(listener, *from);
  const Duration back = links_.draw_latency(node, from->node);
  later(back, EventKind::connect_result, *from, [this, id, since, listener] {
    if (listener != ListenerId::none) return confirm(id, since);
    fail_connect(id, os_error(ECONNREFUSED));
  });
}

ListenerId Network::find_listener(NodeId node, const Address& to) const {
  if (!kernels_.contains(node)) return ListenerId::none;
  for (const auto& [id, listener] : listeners_) {
    if (listener.node != node || listener.at.path != to.path) continue;
    if (!to.path.empty()) return id;
    if (listener.at.port == to.port && covers(listener.at.host, to.host)) return id;
  }
  return ListenerId::none;
}

void Network::accept(ListenerId listener, Socket& from) {
  Socket& socket = make_socket(from.peer_node);
  socket.peer_id = from.id;
  socket.peer_node = from.node;
  socket.local = from.peer;
  socket.peer = from.local;
  socket.is_connected = true;
  from.peer_id = socket.id;
  kernels_.at(socket.node)->on_accept(listener, socket.id);
}

void Network::confirm(SocketId id, Instant since) {
  Socket* socket = get(id);
  if (!socket || socket->is_released) return;
  if (links_.is_blocked(socket->peer_node, socket->node)) {
    if (scheduler_.now() - since >= faults_.connect_timeout)
      return fail_connect(id, os_error(ETIMEDOUT));
    return later(1s, EventKind::connect_result, *socket, [this, id, since] { confirm(id, since); });
  }
  socket->is_connected = true;
  if (const auto kernel = kernels_.find(socket->node); kernel != kernels_.end())
    kernel->second->on_connected(id);
}

void Network::fail_connect(SocketId id, Error error) {
  const Socket* socket = find(id);
  if (!socket) return;
  const auto kernel = kernels_.find(socket->node);
  const bool is_wanted = !socket->is_released;
  erase(id);
  if (is_wanted && kernel != kernels_.end())
    kernel->second->on_connect_failed(id, std::move(error));
}

}  // namespace banyan::sim
