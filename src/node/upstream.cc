#include "node/upstream.h"

#include "base/overloaded.h"
#include "node/replication_log.h"
#include "resp/request_writer.h"

namespace banyan::node {

namespace link = replication::link;

Upstream::Upstream(Worker& worker, Logger& logger, log::Log& log, UpstreamOwner& owner,
                   Options options)
    : worker_(worker),
      logger_(logger),
      log_(log),
      owner_(owner),
      link_(std::move(options.link)),
      loading_(options.loading),
      delay_(worker.loop(), loading_.key_load_delay, [this] { resume(); }) {
  session_.kind = commands::SessionKind::primary;
  session_.authenticated = true;
}

Upstream::~Upstream() = default;

void Upstream::on(const link::Event& event) {
  // The core asks for no Disconnect of a link that is gone, and what is left of it must not stand
  // in the log when this node is promoted.
  if (std::holds_alternative<link::Closed>(event)) disconnect();
  link_.on(event, worker_.loop().now(), actions_);
  carry_out();
}

void Upstream::tick() {
  if (is_paused_) {
    on(link::SnapshotProgress{0});  // it is we who read nothing
    resume();
  }
  link_.tick(worker_.loop().now(), actions_);
  carry_out();
}

void Upstream::on_connected() {
  socket_->set_no_delay(true);
  on(link::Connected{});
}

void Upstream::on_connect_failed(const Error& error) { on(link::ConnectFailed{error.describe()}); }

// Actions may bring events, which bring more actions: those are carried out behind these.
void Upstream::carry_out() {
  if (carrying_out_) return;
  carrying_out_ = true;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const link::Action action = actions_[i];
    std::visit(overloaded{
                   [&](const replication::Log& a) { write_log(logger_, a); },
                   [&](const link::Connect& a) {
                     disconnect();
                     socket_ = worker_.loop().connect(
                         Address{a.primary.host, static_cast<std::uint16_t>(a.primary.port), {}},
                         *this, source_);
                   },
                   [&](const link::Disconnect&) { disconnect(); },
                   [&](const link::SendCommand& a) {
                     const std::vector<Bytes> words(a.words.begin(), a.words.end());
                     std::string encoded;
                     resp::append_command(encoded, words);
                     send(encoded);
                   },
                   [&](const link::SendNewline&) { send("\n"); },
                   [&](const link::SendAck& a) {
                     const std::string offset = std::to_string(a.offset);
                     if (!a.fsynced) return send(resp::encode_command({"REPLCONF", "ACK", offset}));
                     const std::string fsynced = std::to_string(*a.fsynced);
                     send(resp::encode_command({"REPLCONF", "ACK", offset, "FACK", fsynced}));
                   },
                   [&](const link::BeginSnapshot& a) { handle(a); },
                   [&](const link::LoadSnapshot& a) { handle(a); },
                   [&](const link::AbortSnapshot&) { drop_snapshot(); },
                   [&](const link::AdoptSnapshot& a) { handle(a); },
                   [&](const link::AdoptId& a) { owner_.adopt_id(a.replid); },
                   [&](const link::ResumeStream& a) { handle(a); },
                   [&](const link::BecomePrimary& a) { owner_.become_primary(a.position); },
               },
               action);
  }
  actions_.clear();
  carrying_out_ = false;
  owner_.on_link_state();
}

std::optional<Address> Upstream::peer() const {
  return socket_ == nullptr ? std::nullopt : std::optional(socket_->peer());
}

void Upstream::disconnect() {
  socket_.reset();
  unsent_.clear();
  lines_.reset();
  is_paused_ = false;
  held_.clear();
  delay_.forget();
  forget_stream();
}

// Half a command is no part of our history: the next attempt asks for all of it again.
void Upstream::forget_stream() {
  if (!stream_.empty() || in_block_) {
    if (log_.active()) log_.truncate_tail(log::Offset(applied_));
  }
  stream_.clear();
  parser_.reset();
  block_.clear();
  block_bytes_ = 0;
  in_block_ = false;
}

void Upstream::send(Bytes bytes) {
  if (socket_ == nullptr) return;
  unsent_ += bytes;
  const IoResult sent = socket_->write(unsent_);
  // What does not fit goes with the next heartbeat; a primary that reads nothing times out.
  if (sent.status == IoResult::Status::ok) unsent_.erase(0, sent.count);
}

void Upstream::on_readable() {
  const Worker::Inside inside(worker_);
  std::span<char> room = worker_.read_buffer();
  if (payload_)
    room = room.first(
        std::min(room.size(), static_cast<std::size_t>(loading_.loading_events_interval_bytes)));
  const IoResult got = socket_->read(room.data(), room.size());
  if (got.status == IoResult::Status::would_block) return;
  if (got.status == IoResult::Status::closed) return on(link::Closed{});
  if (got.status == IoResult::Status::error)
    return on(link::Closed{Error(Errc::io, std::strerror(got.error)).describe()});
  bytes_in_ += got.count;
  consume(Bytes(room.data(), got.count));
}

void Upstream::consume(Bytes input) {
  const Stream* const socket = socket_.get();
  while (!input.empty() && socket_.get() == socket) {
    if (link_.wants_lines()) {
      switch (lines_.next(input)) {
        case replication::LineReader::Outcome::line:
          on(link::ReplyLine{lines_.line()});
          break;
        case replication::LineReader::Outcome::need_more:
          return;
        case replication::LineReader::Outcome::too_long:
          return on(link::LineTooLong{});
      }
    } else if (payload_) {
      receive_snapshot(input);
    } else if (link_.state() == replication::ReplicaLink::State::streaming) {
      return receive_stream(input);
    } else {
      return;  // nobody waits for these bytes: the core is about to disconnect
    }
  }
}

void Upstream::handle(const link::BeginSnapshot& action) {
  snapshot_number_ = action.number;
  if (action.mark.empty()) {
    payload_.emplace(action.length);
  } else {
    std::array<char, replication::kReplidSize> mark{};
    std::copy_n(action.mark.begin(), mark.size(), mark.begin());
    payload_.emplace(mark);
  }
  loader_options.now = worker_.loop().unix_ms();
  loader_options.lfu = worker_.dispatcher().context().lfu;
  loader_options.limits = worker_.dispatcher().context().limits;
  loader_ = std::make_unique<DataLoader>(worker_.shared().keyspace, loader_options);
  rdb_ = std::make_unique<persist::RdbLoader>(
      loader_->sink(),
      persist::RdbLoader::Limits{.verify_checksum = loader_options.verify_checksum});
  load_error_.clear();
  is_received_ = false;
  delay_.forget();
}

void Upstream::drop_snapshot() {
  payload_.reset();
  rdb_.reset();
  loader_.reset();
  held_.clear();
  delay_.forget();
  if (std::exchange(is_paused_, false) && socket_ != nullptr) socket_->watch_readable(true);
}

void Upstream::receive_snapshot(Bytes& input) {
  const std::size_t before = input.size();
  const std::uint64_t keys_before = loader_->keys_seen();
  const replication::PayloadReader::Piece piece = payload_->next(input);
  for (const Bytes part : {piece.held, piece.fresh}) {
    if (part.empty() || !load_error_.empty()) continue;
    if (const auto fed = rdb_->feed(part); !fed) load_error_ = fed.error().describe();
  }
  if (delay_.is_on()) delay_.add(loader_->keys_seen() - keys_before);
  is_received_ = piece.done;
  on(link::SnapshotProgress{static_cast<std::int64_t>(before - input.size())});
  if (!load_error_.empty()) return on(link::SnapshotFailed{snapshot_number_, load_error_});
  if (delay_.must_wait()) return pause(input);
  if (is_received_) end_snapshot();
}

void Upstream::end_snapshot() {
  payload_.reset();
  on(link::SnapshotReceived{snapshot_number_});
}

void Upstream::pause(Bytes& input) {
  is_paused_ = true;
  held_ = input;
  input = {};
  socket_->watch_readable(false);
}

void Upstream::resume() {
  if (!is_paused_ || delay_.must_wait()) return;
  const Worker::Inside inside(worker_);
  is_paused_ = false;
  const Stream* const socket = socket_.get();
  socket_->watch_readable(true);
  const std::string held = std::exchange(held_, {});
  if (is_received_) end_snapshot();
  if (socket_.get() == socket) consume(held);
}

void Upstream::handle(const link::LoadSnapshot& action) {
  std::string error;
  if (const Result<> whole = rdb_->finish(); !whole) error = whole.error().describe();
  rdb_.reset();
  link_.on(link::SnapshotLoaded{action.number, error}, worker_.loop().now(), actions_);
}

void Upstream::handle(const link::AdoptSnapshot& action) {
  owner_.adopt_snapshot(loader_->take(), action.position);
  set_database(loader_->origin().stream_db);
  loader_.reset();
}

void Upstream::set_database(std::int64_t database) {
  const unsigned count = worker_.shared().keyspace.database_count();
  session_.database = static_cast<unsigned>(std::clamp<std::int64_t>(database, 0, count - 1));
}

void Upstream::handle(const link::ResumeStream& action) {
  forget_stream();
  applied_ = action.position ? action.position->offset : log_.next().bytes();
}

void Upstream::receive_stream(Bytes input) {
  stream_ += input;
  if (log_.active()) log_.append_raw(input);
  on(link::StreamBytes{});
  apply_stream();
}

void Upstream::apply_stream() {
  const std::int64_t before = applied_;
  std::size_t at = 0;
  std::vector<Bytes> words;
  const Stream* const socket = socket_.get();
  const resp::Limits limits{.bulk_max = SIZE_MAX / 2, .arguments_max = INT32_MAX};
  while (at < stream_.size()) {
    words.clear();
    const auto parsed = parser_.parse(Bytes(stream_).substr(at), limits, words);
    if (parsed == resp::RequestParser::Outcome::need_more) break;
    if (parsed == resp::RequestParser::Outcome::protocol_error) {
      logger_.warning("Protocol error from master: {}", parser_.error());
      return on(link::Closed{"protocol error in the stream"});
    }
    const std::size_t size = parser_.consumed();
    at += size;
    if (!apply_command(words, size)) return;
    if (socket_.get() != socket) return;
  }
  stream_.erase(0, at);
  if (applied_ != before) on(link::StreamApplied{applied_});
}

// False when the link is no longer the one these bytes came from.
bool Upstream::apply_command(std::span<const Bytes> words, std::size_t size) {
  const auto is = [&](Bytes name) {
    return !words.empty() && equals_ignoring_case(words[0], name);
  };
  bool ack_requested = false;
  if (is("MULTI")) {
    in_block_ = true;
    block_bytes_ = static_cast<std::int64_t>(size);
    return true;
  }
  if (in_block_) {
    block_bytes_ += static_cast<std::int64_t>(size);
    if (!is("EXEC")) {
      block_.emplace_back(words.begin(), words.end());
      return true;
    }
    worker_.alone([&] {
      for (const std::vector<std::string>& command : block_)
        apply_now(std::vector<Bytes>(command.begin(), command.end()));
    });
    size = static_cast<std::size_t>(std::exchange(block_bytes_, 0));
    block_.clear();
    in_block_ = false;
  } else if (is("REPLCONF")) {
    ack_requested = words.size() > 1 && equals_ignoring_case(words[1], "GETACK");
  } else if (!words.empty()) {
    apply_now(words);
  }
  applied_ += static_cast<std::int64_t>(size);
  if (log_.active())
    log_.finish({.database = static_cast<std::uint16_t>(session_.database),
                 .time = worker_.loop().unix_ms()},
                log::Offset(applied_));
  if (!ack_requested) return true;
  const Stream* const socket = socket_.get();
  on(link::StreamApplied{applied_});
  if (socket_.get() == socket) on(link::AckRequested{});
  return socket_.get() == socket;
}

void Upstream::apply_now(std::span<const Bytes> words) {
  resp::Output scratch;
  const Result<> applied = worker_.dispatcher().apply(session_, words, scratch);
  if (applied) return;
  ++stream_errors_;
  logger_.warning(
      "== CRITICAL == This replica is sending an error to its master: '{}' after processing the "
      "command '{}'",
      applied.error().reply_line(), words[0].substr(0, 64));
}

}  // namespace banyan::node
