#include "sim/client.h"

#include <array>

namespace banyan::sim {

Client::Client(World& world, const std::string& name)
    : world_(world), machine_(world.add_bystander(name)) {}

void Client::connect(const Address& to) {
  unsent_.clear();
  received_.clear();
  state_ = State::connecting;
  stream_ = world_.env(machine_).main_loop().connect(to, *this);
}

void Client::send(Bytes bytes) {
  unsent_ += bytes;
  if (state_ == State::connected) flush();
}

void Client::close() { end(State::closed); }

void Client::close_with_reset() {
  if (stream_) stream_->reset_on_close();
  end(State::closed);
}

void Client::end(State state) {
  stream_.reset();
  unsent_.clear();
  state_ = state;
}

void Client::on_connected() {
  state_ = State::connected;
  flush();
}

void Client::on_connect_failed(const Error& error) {
  last_error_ = error;
  end(State::failed);
}

void Client::on_readable() {
  std::array<char, 4096> chunk;
  const IoResult result = stream_->read(chunk.data(), chunk.size());
  if (result.status == IoResult::Status::ok) received_.append(chunk.data(), result.count);
  const bool is_over =
      result.status == IoResult::Status::closed || result.status == IoResult::Status::error;
  if (is_over) end(State::closed);
}

void Client::flush() {
  while (!unsent_.empty()) {
    const IoResult result = stream_->write(unsent_);
    if (result.status != IoResult::Status::ok) break;
    unsent_.erase(0, result.count);
  }
  stream_->watch_writable(!unsent_.empty());
}

std::string Client::take() { return std::exchange(received_, {}); }

std::optional<std::string> Client::take_line() {
  const std::size_t end = received_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = received_.substr(0, end);
  if (line.ends_with('\r')) line.pop_back();
  received_.erase(0, end + 1);
  return line;
}

std::optional<std::string> Client::wait_line(Duration limit) {
  world_.run_until([this] { return received_.find('\n') != std::string::npos; }, limit);
  return take_line();
}

bool Client::wait_connected(Duration limit) {
  world_.run_until([this] { return state_ != State::connecting; }, limit);
  return is_connected();
}

}  // namespace banyan::sim
