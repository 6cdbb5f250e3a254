#include "node/connection.h"

#include <array>

#include "node/worker_base.h"

namespace banyan::node {

namespace {
// Before authentication a client that does not read its replies gets no more of them
// (CVE-2025-21605).
constexpr std::size_t kStrangerOutputBytesMax = 1024;
// What a held client may send ahead.
constexpr std::size_t kReadAtOnceMax = 1024 * 1024;
}  // namespace

Connection::Connection(WorkerBase& worker, std::unique_ptr<Stream> stream, std::uint64_t id)
    : worker_(worker),
      stream_(std::move(stream)),
      peer_(stream_->peer()),
      local_(stream_->local()) {
  session_.connection = this;
  session_.id = id;
  session_.peer = peer_.to_string();
  session_.created = session_.last_used = worker.loop().now();
  session_.authenticated = !worker.shared().policy.password_required;
  session_.stranger_since = session_.created;
}

void Connection::on_readable() {
  const WorkerBase::Inside inside(worker_);
  if (closing_) return;
  if (held_ || !pending_.empty()) return receive_more();
  const std::span<char> room = worker_.read_buffer();
  const IoResult got = stream_->read(room.data(), room.size());
  if (got.status == IoResult::Status::would_block) return;
  if (got.status != IoResult::Status::ok) return close();
  bytes_in_ += got.count;
  worker_.count_input(got.count);
  run(Bytes(room.data(), got.count), false);
}

// A command is incomplete, or the client is held: gather behind what there is.
void Connection::receive_more() {
  const std::size_t old = pending_.size();
  std::size_t room = worker_.read_buffer().size();
  if (parser_.wanted() > old + room && session_.authenticated)
    room = std::min(parser_.wanted() - old, kReadAtOnceMax);
  if (old + room > pending_.capacity()) pending_.reserve(std::max(old + room, old * 2));
  std::size_t count = 0;
  IoResult got;
  pending_.resize_and_overwrite(old + room, [&](char* data, std::size_t) {
    got = stream_->read(data + old, room);
    count = got.status == IoResult::Status::ok ? got.count : 0;
    return old + count;
  });
  if (got.status == IoResult::Status::would_block) return;
  if (got.status != IoResult::Status::ok) return close();
  bytes_in_ += count;
  worker_.count_input(count);
  if (pending_.size() > worker_.limits().query_buffer_bytes) {
    log_closed("it exceeded the query buffer limit");
    return close();
  }
  if (!held_) run(pending_, true);
}

void Connection::run(Bytes input, bool in_pending) {
  session_.last_used = worker_.loop().now();
  running_bytes_ = in_pending ? 0 : input.size();
  const auto outcome =
      worker_.dispatcher().run(session_, parser_, worker_.limits().requests, input, output_);
  running_bytes_ = 0;
  held_ = outcome.held;
  paused_ = outcome.paused;
  if (!outcome.protocol_error.empty()) {
    protocol_error(outcome.protocol_error, input.substr(outcome.consumed));
  } else if (!in_pending) {
    if (outcome.consumed < input.size()) pending_.assign(input.substr(outcome.consumed));
  } else if (outcome.consumed == pending_.size()) {
    std::string().swap(pending_);
  } else {
    pending_.erase(0, outcome.consumed);
  }
  if (!replica_words_.empty()) {
    flush();
    if (!closing_) worker_.on_replica(*this);
    return;
  }
  if (session_.attack_suspected) log_security_attack();
  if (session_.close_asap) return close();
  flush_later();
}

void Connection::protocol_error(const std::string& text, Bytes input) {
  if (resp::looks_like_other_protocol(input)) {
    log_security_attack();
    return close();
  }
  worker_.logger().verbose("{} from client: {}", text,
                           describe_client(*this, worker_.loop().now()));
  resp::ReplyWriter(output_, session_.protocol).error("ERR " + text);
  session_.close_after_reply = true;
}

void Connection::flush() {
  while (!output_.empty() && !writing_) {
    std::array<Bytes, 64> pieces;
    const std::size_t count = output_.pieces(pieces);
    const IoResult sent = count == 1 ? stream_->write(pieces[0])
                                     : stream_->write_pieces(std::span(pieces).first(count));
    if (sent.status == IoResult::Status::would_block) {
      writing_ = true;
      stream_->watch_writable(true);
      break;
    }
    if (sent.status != IoResult::Status::ok) return close();
    bytes_out_ += sent.count;
    worker_.count_output(sent.count);
    output_.consume(sent.count);
  }
  if (output_.empty()) {
    if (session_.close_after_reply) close();
  } else {
    check_output_limit();
  }
}

void Connection::check_output_limit() {
  const std::size_t bytes = output_.size();
  const config::OutputLimit& limit =
      is_subscribed() ? worker_.limits().pubsub_output : worker_.limits().normal_output;
  bool over = !session_.authenticated && bytes > kStrangerOutputBytesMax;
  if (limit.hard_bytes > 0 && bytes > static_cast<std::size_t>(limit.hard_bytes)) over = true;
  if (limit.soft_bytes > 0 && bytes > static_cast<std::size_t>(limit.soft_bytes)) {
    const Instant now = worker_.loop().now();
    if (soft_limit_since_ == Instant{}) soft_limit_since_ = now;
    if (now - soft_limit_since_ >= limit.soft_duration) over = true;
  } else {
    soft_limit_since_ = {};
  }
  if (!over) return;
  log_closed("overcoming of output buffer limits");
  worker_.count_output_limit_disconnection();
  close();
}

bool Connection::is_subscribed() const {
  const engine::ClientState* state = engine::find_state(session_);
  return state != nullptr && state->subscriptions.any();
}

void Connection::on_writable() {
  const WorkerBase::Inside inside(worker_);
  if (closing_) return;
  writing_ = false;
  stream_->watch_writable(false);
  flush();
}

void Connection::release() { retry(); }

void Connection::retry() {
  held_ = paused_ = answered_ = false;
  session_.unblock = nullptr;
  if (closing_) return;
  if (pending_.empty()) return flush_later();
  run(pending_, true);
}

void Connection::close() {
  if (closing_) return;
  closing_ = true;
  worker_.dispatcher().forget(session_);
  if (stream_ != nullptr) {
    stream_->watch_readable(false);
    stream_->watch_writable(false);
  }
  worker_.close_later(session_.id);
}

replication::ReplicaFeed& Connection::feed_core() {
  if (feed_core_ == nullptr) feed_core_ = std::make_unique<replication::ReplicaFeed>(peer_.host);
  return *feed_core_;
}

Connection::Handover Connection::take() {
  (void)feed_core();
  stream_->detach();
  closing_ = true;
  worker_.dispatcher().forget(session_);
  worker_.close_later(session_.id);
  return {std::move(stream_), std::move(feed_core_), std::move(pending_),
          std::move(replica_words_)};
}

void Connection::flush_later() {
  if (std::exchange(flush_queued_, true)) return;
  worker_.flush_later(*this);
}

void Connection::log_closed(Bytes why) {
  worker_.logger().warning("Client {} closed for {}.", describe_client(*this, worker_.loop().now()),
                           why);
}

void Connection::log_security_attack() {
  worker_.logger().warning(
      "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands "
      "to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to "
      "compromise your Redis instance. Connection from {} aborted.",
      peer_.to_string());
}

}  // namespace banyan::node
