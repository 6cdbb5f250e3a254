#include "sim/network.h"

#include <cerrno>

#include "base/check.h"
#include "base/crc.h"

namespace banyan::sim {

Socket* Network::get(SocketId socket) {
  const auto it = sockets_.find(socket);
  return it == sockets_.end() ? nullptr : &it->second;
}

const Socket* Network::find(SocketId socket) const {
  const auto it = sockets_.find(socket);
  return it == sockets_.end() ? nullptr : &it->second;
}

Socket& Network::make_socket(NodeId node) {
  const SocketId id{next_id_++};
  Socket& socket = sockets_[id];
  socket.id = id;
  socket.node = node;
  return socket;
}

void Network::notify(const Socket& socket) {
  const auto kernel = kernels_.find(socket.node);
  if (kernel != kernels_.end() && !socket.is_released) kernel->second->on_ready(socket.id);
}

void Network::later(Duration delay, EventKind kind, const Socket& about, Task task) {
  const EventTag tag{.kind = kind, .node = about.node, .id = std::to_underlying(about.id)};
  scheduler_.after(delay, tag, std::move(task));
}

bool Network::is_readable(SocketId id) const {
  const Socket* socket = find(id);
  if (!socket || !socket->is_connected) return false;
  return socket->unread() > 0 || socket->peer_finished || (socket->error && !socket->error_told);
}

bool Network::is_writable(SocketId id) const {
  const Socket* socket = find(id);
  if (!socket || !socket->is_connected) return false;
  if (socket->error) return !socket->error_told;
  return socket->unacknowledged < faults_.socket_buffer_bytes;
}

IoResult Network::read(SocketId id, char* to, std::size_t room) {
  CHECK(room > 0);
  Socket* socket = get(id);
  if (!socket || !socket->is_connected) return {IoResult::Status::error, 0, ENOTCONN};
  if (const std::size_t unread = socket->unread(); unread > 0) {
    std::size_t count = std::min(room, unread);
    if (rng_.chance(faults_.short_io)) count = 1 + rng_.below(count);
    socket->inbox.copy(to, count, socket->inbox_read);
    socket->inbox_read += count;
    if (socket->unread() == 0) {
      socket->inbox.clear();
      socket->inbox_read = 0;
    }
    return_credit(*socket, count);
    return {IoResult::Status::ok, count, 0};
  }
  if (socket->error && !std::exchange(socket->error_told, true))
    return {IoResult::Status::error, 0, socket->error};
  if (socket->error || socket->peer_finished) return {IoResult::Status::closed, 0, 0};
  return {IoResult::Status::would_block, 0, 0};
}

IoResult Network::write(SocketId id, Bytes data) {
  Socket* socket = get(id);
  if (!socket || !socket->is_connected) return {IoResult::Status::error, 0, ENOTCONN};
  if (socket->error) {
    const bool is_first = !std::exchange(socket->error_told, true);
    return {IoResult::Status::error, 0, is_first ? socket->error : EPIPE};
  }
  if (data.empty()) return {};
  const std::size_t capacity = faults_.socket_buffer_bytes;
  if (socket->unacknowledged >= capacity) return {IoResult::Status::would_block, 0, 0};
  std::size_t count = std::min(data.size(), capacity - socket->unacknowledged);
  if (rng_.chance(faults_.short_io)) count = 1 + rng_.below(count);
  socket->unacknowledged += count;
  if (!socket->is_cut) push(*socket, Segment::Kind::data, data.substr(0, count));
  return {IoResult::Status::ok, count, 0};
}

void Network::push(Socket& socket, Segment::Kind kind, Bytes bytes) {
  if (bytes.size() > 1 && rng_.chance(faults_.split_segment)) {
    const std::size_t half = 1 + rng_.below(bytes.size() - 1);
    push(socket, kind, bytes.substr(0, half));
    bytes.remove_prefix(half);
  }
  Instant due = scheduler_.now() + links_.draw_latency(socket.node, socket.peer_node);
  if (!socket.out.empty()) due = std::max(due, socket.out.back().due);
  scheduler_.record({.kind = EventKind::send,
                     .node = socket.node,
                     .id = std::to_underlying(socket.id),
                     .length = bytes.size(),
                     .crc = crc64(0, bytes)});
  socket.out.push_back({kind, due, std::string(bytes)});
  send_on(socket);
}

void Network::send_on(Socket& socket) {
  if (socket.is_sending || socket.is_held || socket.out.empty()) return;
  socket.is_sending = true;
  const Segment& first = socket.out.front();
  scheduler_.at(first.due,
                {.kind = EventKind::segment,
                 .node = socket.peer_node,
                 .id = std::to_underlying(socket.id),
                 .length = first.bytes.size()},
                [this, id = socket.id] { deliver(id); });
}

void Network::deliver(SocketId id) {
  Socket* socket = get(id);
  if (!socket) return;
  socket->is_sending = false;
  if (socket->out.empty()) {
    if (socket->is_released) erase(id);
    return;
  }
  if (socket->out.front().due > scheduler_.now()) return send_on(*socket);
  if (links_.is_blocked(socket->node, socket->peer_node)) return hold(*socket);
  Segment& first = socket->out.front();
  const Instant clogged_until = links_.clogged_until(socket->node, socket->peer_node);
  if (clogged_until > scheduler_.now()) {
    first.due = clogged_until + links_.draw_latency(socket->node, socket->peer_node);
    return send_on(*socket);
  }
  Segment segment = std::move(first);
  socket->out.pop_front();
  arrive(*socket, std::move(segment));
  if (socket->is_released && socket->out.empty()) return erase(id);
  send_on(*socket);
}

void Network::arrive(Socket& from, Segment segment) {
  Socket* to = get(from.peer_id);
  if (!to || to->is_released) {
    if (segment.kind == Segment::Kind::data) bounce(from);
    if (to && segment.kind == Segment::Kind::reset) lose_tail(*to);
    return;
  }
  switch (segment.kind) {
    case Segment::Kind::data:
      to->inbox += segment.bytes;
      break;
    case Segment::Kind::finish:
      to->peer_finished = true;
      break;
    case Segment::Kind::reset:
      return break_off(*to, ECONNRESET);
  }
  notify(*to);
}

// Nobody holds the other end any more: its kernel says so, if it can.
void Network::bounce(const Socket& from) {
  const Duration latency = links_.draw_latency(from.peer_node, from.node);
  later(latency, EventKind::bounce, from, [this, id = from.id] {
    Socket* socket = get(id);
    if (!socket || socket->is_released) return;
    if (!links_.is_blocked(socket->peer_node, socket->node)) break_off(*socket, ECONNRESET);
  });
}

void Network::break_off(Socket& socket, int error) {
  socket.out.clear();
  if (socket.error == 0) socket.error = error;
  notify(socket);
}

void Network::return_credit(Socket& reader, std::size_t count) {
  if (links_.is_blocked(reader.node, reader.peer_node)) {
    reader.held_credit += count;
    return;
  }
  Socket* writer = get(reader.peer_id);
  if (!writer) return;
  // Only a writer that may have met a full buffer needs to be told, and it hears it late.
  if (writer->unacknowledged < faults_.socket_buffer_bytes) return grant(writer->id, count);
  later(links_.draw_latency(reader.node, writer->node), EventKind::window, *writer,
        [this, id = writer->id, count] { grant(id, count); });
}

void Network::grant(SocketId writer, std::size_t count) {
  Socket* socket = get(writer);
  if (!socket) return;
  CHECK(socket->unacknowledged >= count);
  socket->unacknowledged -= count;
  notify(*socket);
}

void Network::close(SocketId id, bool reset) {
  Socket* socket = get(id);
  if (!socket || socket->is_released) return;
  socket->is_released = true;
  const bool has_peer = socket->peer_id != SocketId::none && socket->error == 0;
  if (has_peer && !socket->is_cut) {
    // As Linux does: closing with unread bytes resets, and what was under way may be lost.
    const bool must_reset = reset || socket->unread() > 0;
    if (must_reset) lose_tail(*socket);
    push(*socket, must_reset ? Segment::Kind::reset : Segment::Kind::finish, {});
  }
  if (socket->out.empty()) erase(id);
}

}  // namespace banyan::sim
