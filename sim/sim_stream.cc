#include "sim/sim_stream.h"

#include <cerrno>

#include "base/check.h"

namespace banyan::sim {

SimStream::~SimStream() {
  if (!process_->is_alive()) return;
  owner_.forget(id_);
  if (process_->may_act()) network_.close(id_, reset_on_close_);
}

void SimStream::attach(Loop&, StreamHandler& handler) {
  handler_ = &handler;
  watch_readable_ = true;
  if (process_->is_alive()) owner_.adopt(*this);
}

IoResult SimStream::after_death() const { return {IoResult::Status::would_block, 0, 0}; }

IoResult SimStream::read(char* to, std::size_t room) {
  if (!process_->may_act()) return after_death();
  return network_.read(id_, to, room);
}

IoResult SimStream::write(Bytes data) {
  if (!process_->may_act()) return after_death();
  return network_.write(id_, data);
}

IoResult SimStream::write_pieces(std::span<const Bytes> pieces) {
  CHECK(pieces.size() <= 64);
  std::string joined;
  for (const Bytes piece : pieces) joined += piece;
  return write(joined);
}

void SimStream::watch_readable(bool on) {
  watch_readable_ = on;
  if (on && process_->is_alive()) owner_.wake(id_);
}

void SimStream::watch_writable(bool on) {
  watch_writable_ = on;
  if (on && process_->is_alive()) owner_.wake(id_);
}

Address SimStream::local() const {
  const Socket* socket = process_->is_alive() ? network_.find(id_) : nullptr;
  return socket ? socket->local : Address{};
}

Address SimStream::peer() const {
  const Socket* socket = process_->is_alive() ? network_.find(id_) : nullptr;
  return socket ? socket->peer : Address{};
}

void SimStream::set_keep_alive(std::chrono::seconds interval) {
  if (process_->is_alive()) network_.set_keep_alive(id_, interval);
}

}  // namespace banyan::sim
