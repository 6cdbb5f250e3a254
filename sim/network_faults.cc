// Network, part three: what goes wrong.
#include <cerrno>

#include "sim/network.h"

namespace banyan::sim {

void Network::end_process(NodeId node) {
  std::vector<SocketId> mine;
  for (const auto& [id, socket] : sockets_)
    if (socket.node == node && !socket.is_released) mine.push_back(id);
  for (const SocketId id : mine) close(id, false);
  std::erase_if(listeners_, [node](const auto& entry) { return entry.second.node == node; });
  kernels_.erase(node);
}

void Network::lose_power(NodeId node) {
  for (auto& [id, socket] : sockets_) {
    if (socket.node != node) continue;
    socket.is_released = true;
    if (socket.is_held)
      socket.out.clear();  // had not left the machine
    else
      lose_tail(socket);
  }
  std::erase_if(sockets_, [node](const auto& entry) {
    return entry.second.node == node && entry.second.out.empty();
  });
  std::erase_if(listeners_, [node](const auto& entry) { return entry.second.node == node; });
  kernels_.erase(node);
  links_.set_power(node, false);
}

void Network::hold(Socket& socket) {
  socket.is_held = true;
  socket.held_since = scheduler_.now();
  later(faults_.retransmit_timeout, EventKind::retransmit_timeout, socket,
        [this, id = socket.id, since = socket.held_since] {
          Socket* held = get(id);
          if (!held || !held->is_held || held->held_since != since) return;
          held->is_held = false;
          break_off(*held, ETIMEDOUT);
          if (held->is_released) erase(id);
        });
}

// TCP tries again after a while that grew with the silence; so does this.
void Network::release_held() {
  for (auto& [id, socket] : sockets_) {
    if (links_.is_blocked(socket.node, socket.peer_node)) continue;
    const Duration pause = draw_up_to(rng_, 1s);
    if (socket.held_credit > 0) {
      const std::size_t count = std::exchange(socket.held_credit, 0);
      later(pause, EventKind::window, socket,
            [this, writer = socket.peer_id, count] { grant(writer, count); });
    }
    if (!socket.is_held) continue;
    socket.is_held = false;
    for (Segment& segment : socket.out)
      segment.due = std::max(segment.due, scheduler_.now() + pause);
    send_on(socket);
  }
}

void Network::block(NodeId from, NodeId to) {
  scheduler_.note(NodeId::none, "block " + ip_of(from) + " -> " + ip_of(to));
  links_.block(from, to);
}

void Network::unblock(NodeId from, NodeId to) {
  scheduler_.note(NodeId::none, "unblock " + ip_of(from) + " -> " + ip_of(to));
  links_.unblock(from, to);
  release_held();
}

void Network::partition(const std::set<NodeId>& side, const std::set<NodeId>& other) {
  for (const NodeId a : side) {
    for (const NodeId b : other) {
      block(a, b);
      block(b, a);
    }
  }
}

void Network::clog(NodeId from, NodeId to, Duration length) {
  links_.clog(from, to, scheduler_.now() + length);
}

void Network::heal() {
  links_.heal();
  release_held();
}

// Drops what is under way from a random byte on.
void Network::lose_tail(Socket& socket) {
  std::size_t keep = rng_.below(socket.in_flight() + 1);
  for (std::size_t i = 0; i < socket.out.size(); ++i) {
    Segment& segment = socket.out[i];
    if (segment.kind == Segment::Kind::data && segment.bytes.size() <= keep) {
      keep -= segment.bytes.size();
      continue;
    }
    segment.bytes.resize(segment.kind == Segment::Kind::data ? keep : 0);
    socket.out.resize(segment.bytes.empty() ? i : i + 1);
    return;
  }
}

void Network::sever(Socket& socket) {
  if (socket.is_cut || socket.peer_id == SocketId::none) return;
  lose_tail(socket);
  socket.is_cut = true;
  push(socket, rng_.chance(0.5) ? Segment::Kind::reset : Segment::Kind::finish, {});
}

void Network::cut(SocketId id) {
  Socket* socket = get(id);
  if (!socket) return;
  scheduler_.record({.kind = EventKind::fault, .id = std::to_underlying(id)});
  const SocketId peer_id = socket->peer_id;
  sever(*socket);
  if (Socket* peer = get(peer_id)) sever(*peer);
}

void Network::cut_all_between(NodeId a, NodeId b) {
  for (const SocketId id : connections()) {
    const Socket* socket = find(id);
    const std::pair ends{socket->node, socket->peer_node};
    if (ends == std::pair{a, b} || ends == std::pair{b, a}) cut(id);
  }
}

std::vector<SocketId> Network::connections() const {
  std::vector<SocketId> out;
  for (const auto& [id, socket] : sockets_) {
    const bool is_first = socket.id < socket.peer_id;
    if (is_first && socket.node != socket.peer_node && !socket.is_cut) out.push_back(id);
  }
  return out;
}

void Network::set_keep_alive(SocketId id, Duration interval) {
  Socket* socket = get(id);
  if (!socket) return;
  const bool is_probing = socket->keep_alive > Duration::zero();
  socket->keep_alive = interval;
  if (is_probing || interval <= Duration::zero()) return;
  later(interval, EventKind::keep_alive, *socket, [this, id] { probe(id); });
}

void Network::probe(SocketId id) {
  Socket* socket = get(id);
  if (!socket || socket->is_released || socket->error) return;
  if (socket->keep_alive <= Duration::zero()) return;
  const bool is_answered = !links_.is_blocked(socket->node, socket->peer_node) &&
                           !links_.is_blocked(socket->peer_node, socket->node);
  if (socket->is_connected && is_answered && !get(socket->peer_id) && !socket->peer_finished)
    return break_off(*socket, ECONNRESET);
  socket->probes_missed = is_answered ? 0 : socket->probes_missed + 1;
  if (socket->probes_missed > 3) return break_off(*socket, ETIMEDOUT);
  const Duration pause = socket->probes_missed ? socket->keep_alive / 3 : socket->keep_alive;
  later(pause, EventKind::keep_alive, *socket, [this, id] { probe(id); });
}

}  // namespace banyan::sim
