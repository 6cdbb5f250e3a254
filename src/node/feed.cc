#include "node/feed.h"

#include <array>

#include "base/overloaded.h"
#include "node/replication_log.h"

namespace banyan::node {

namespace feed = replication::feed;

namespace {
constexpr std::size_t kFileQueueBytesMax = 256 * 1024;
constexpr std::size_t kPumpBytesMax = 512 * 1024;
constexpr std::size_t kRequestBytesMax = 64 * 1024;  // a replica says little
}  // namespace

Feed::Feed(std::uint64_t id, Worker& worker, Logger& logger, log::Log& log, FeedOwner& owner,
           std::unique_ptr<Stream> stream, std::unique_ptr<replication::ReplicaFeed> core,
           std::string pending)
    : id_(id),
      worker_(worker),
      logger_(logger),
      log_(log),
      owner_(owner),
      stream_(std::move(stream)),
      core_(std::move(core)),
      peer_(stream_->peer()),
      pending_(std::move(pending)) {
  stream_->attach(worker_.loop(), *this);
}

void Feed::on(const feed::Event& event) {
  if (over_) return;
  core_->on(event, worker_.loop().now(), actions_);
  carry_out();
}

void Feed::tick(Duration timeout) {
  if (over_) return;
  core_->tick(worker_.loop().now(), timeout, actions_);
  carry_out();
}

void Feed::carry_out() {
  if (carrying_out_) return;
  carrying_out_ = true;
  for (std::size_t i = 0; i < actions_.size() && !over_; ++i) {
    const feed::Action action = actions_[i];
    std::visit(overloaded{
                   [&](const replication::Log& a) { write_log(logger_, a); },
                   [&](const feed::SendLine& a) { send(a.text + "\r\n"); },
                   [&](const feed::SendNewline&) { send("\n"); },
                   [&](const feed::RequestSnapshot&) { owner_.request_snapshot(*this); },
                   [&](const feed::HoldStream& a) {
                     reader_ = log::Reader::open(log_, log::offset_before(log::ByteNumber(a.from)));
                     if (reader_ == nullptr) close("the log no longer holds what it needs");
                   },
                   [&](const feed::SendSnapshotFile&) { send_file(); },
                   [&](const feed::StartStream& a) {
                     if (reader_ == nullptr)
                       reader_ =
                           log::Reader::open(log_, log::offset_before(log::ByteNumber(a.from)));
                     if (reader_ == nullptr) return close("the log no longer holds what it needs");
                     streaming_ = true;
                     flush();
                   },
                   [&](const feed::Disconnect& a) { close(a.reason); },
                   [&](const feed::Count& a) { owner_.on_counter(a.counter); },
                   [&](const feed::AcksMoved&) { owner_.on_acks(*this); },
                   [&](const feed::PassAckRequest&) { owner_.pass_ack_request(); },
               },
               action);
  }
  actions_.clear();
  carrying_out_ = false;
}

void Feed::close(Bytes reason) {
  if (over_) return;
  over_ = true;
  logger_.verbose("Connection with replica {} ends: {}", core_->name(), reason);
  stream_->watch_readable(false);
  stream_->watch_writable(false);
  reader_.reset();
  owner_.on_feed_over(*this);
}

std::size_t Feed::lag_bytes() const {
  return queue_bytes_ + (reader_ != nullptr ? static_cast<std::size_t>(reader_->lag_bytes()) : 0);
}

void Feed::send(std::string text) {
  on_chunk(std::make_shared<const std::string>(std::move(text)));
}

void Feed::on_chunk(const Chunk& chunk) {
  if (over_) return;
  queue_.push_back(chunk);
  queue_bytes_ += chunk->size();
  flush();
}

void Feed::on_end() {
  snapshot_ended_ = true;
  send(std::exchange(mark_, {}));
}

// The snapshot is a file: its length first, then what it holds, read as the socket takes it.
void Feed::send_file() {
  Result<std::unique_ptr<File>> file = worker_.files().open_read(owner_.rdb_path());
  if (!file) return on(feed::SnapshotFailed{});
  file_ = *std::move(file);
  flush();
}

void Feed::read_file() {
  while (file_ != nullptr && queue_bytes_ < kFileQueueBytesMax) {
    auto chunk = std::make_shared<std::string>(64 * 1024, '\0');
    const Result<std::size_t> count = file_->read(chunk->data(), chunk->size());
    if (!count) return on(feed::SnapshotFailed{});
    chunk->resize(*count);
    if (*count == 0) {
      file_.reset();
      snapshot_ended_ = true;
    } else {
      queue_bytes_ += chunk->size();
      queue_.push_back(std::move(chunk));
    }
  }
}

// Writes once; false when the socket takes no more, or is gone.
bool Feed::write(Bytes bytes, std::size_t* sent) {
  const IoResult result = stream_->write(bytes);
  *sent = result.status == IoResult::Status::ok ? result.count : 0;
  bytes_out_ += *sent;
  if (result.status == IoResult::Status::ok) return true;
  if (result.status == IoResult::Status::would_block) {
    blocked_ = true;
    stream_->watch_writable(true);
  } else {
    on(feed::Closed{});
    close("write failed");
  }
  return false;
}

void Feed::flush() {
  std::int64_t snapshot_bytes = 0;
  while (!over_ && !blocked_) {
    if (queue_.empty()) {
      if (file_ != nullptr) read_file();
      if (queue_.empty()) break;
    }
    const Bytes rest = Bytes(*queue_.front()).substr(queue_at_);
    std::size_t sent = 0;
    if (!write(rest, &sent)) break;
    snapshot_bytes += static_cast<std::int64_t>(sent);
    queue_bytes_ -= sent;
    queue_at_ += sent;
    if (queue_at_ < queue_.front()->size()) continue;
    queue_.pop_front();
    queue_at_ = 0;
  }
  if (over_) return;
  if (core_->state() == replication::ReplicaFeed::State::wait_snapshot_end ||
      core_->state() == replication::ReplicaFeed::State::send_bulk)
    on(feed::SnapshotBytesSent{.bytes = snapshot_bytes, .is_stuck = blocked_});
  if (over_) return;
  if (queue_.empty() && file_ == nullptr && std::exchange(snapshot_ended_, false))
    owner_.on_snapshot_sent(*this);
  if (!over_ && streaming_) pump();
}

void Feed::pump() {
  if (over_ || !streaming_ || blocked_ || !queue_.empty()) return;
  if (reader_->is_cut_off()) return close("the history has changed");
  for (std::size_t total = 0; total < kPumpBytesMax && !blocked_;) {
    std::array<Bytes, 64> pieces;
    const std::size_t count = reader_->read(pieces, kPumpBytesMax - total);
    if (count == 0) return;
    const IoResult result = stream_->write_pieces(std::span(pieces).first(count));
    if (result.status == IoResult::Status::would_block) {
      blocked_ = true;
      stream_->watch_writable(true);
    } else if (result.status != IoResult::Status::ok) {
      on(feed::Closed{});
      return close("write failed");
    } else {
      reader_->advance(result.count);
      total += result.count;
      bytes_out_ += result.count;
    }
  }
  if (!blocked_) {  // more than one turn's share: go on when the socket has had its turn
    blocked_ = true;
    stream_->watch_writable(true);
  }
}

void Feed::on_writable() {
  const Worker::Inside inside(worker_);
  blocked_ = false;
  stream_->watch_writable(false);
  flush();
}

void Feed::on_readable() {
  const Worker::Inside inside(worker_);
  if (over_) return;
  const std::span<char> room = worker_.read_buffer();
  const IoResult got = stream_->read(room.data(), room.size());
  if (got.status == IoResult::Status::would_block) return;
  if (got.status != IoResult::Status::ok) {
    on(feed::Closed{});
    return close("closed by the replica");
  }
  receive(Bytes(room.data(), got.count));
}

void Feed::receive(Bytes input) {
  pending_ += input;
  std::vector<Bytes> words;
  std::size_t at = 0;
  const resp::Limits limits{.bulk_max = kRequestBytesMax, .arguments_max = 64};
  while (at < pending_.size() && !over_) {
    words.clear();
    const auto parsed = parser_.parse(Bytes(pending_).substr(at), limits, words);
    if (parsed == resp::RequestParser::Outcome::need_more) break;
    if (parsed == resp::RequestParser::Outcome::protocol_error) return close(parser_.error());
    at += parser_.consumed();
    if (words.empty()) {
      on(feed::Newline{});
    } else {
      handle_request(words);
    }
  }
  if (!over_) pending_.erase(0, at);
}

void Feed::handle_request(std::span<const Bytes> words) {
  if (!equals_ignoring_case(words[0], "REPLCONF")) {
    const commands::CommandSpec* const spec = worker_.shared().registry.resolve(words).spec;
    const std::string name(spec != nullptr ? spec->name : lower(words[0].substr(0, 64)));
    if (spec != nullptr && spec->keys[0].begin != commands::KeySpec::Begin::none)
      logger_.warning(
          "== CRITICAL == This master is sending an error to its replica: '-ERR Replica can't "
          "interact with the keyspace' after processing the command '{}'",
          name);
    logger_.warning("Replica generated a reply to command '{}', disconnecting it: {}", name,
                    core_->name());
    return close("it sent a command that a replica does not send");
  }
  on(feed::ReplConf{std::vector<std::string>(words.begin() + 1, words.end()), log_.next().bytes()});
}

}  // namespace banyan::node
