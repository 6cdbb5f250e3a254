// Upstream: the driver of ReplicaLink: our link to the primary we follow. It carries the core's
// actions out, cuts the socket's bytes into what the core's state wants, loads snapshots and
// applies the stream. It decides nothing.
//
// Vocabulary   *Applied* is the offset behind the last whole command, or whole MULTI block, that
//              took effect; the log's readable end is the same offset.
// Threads      The main worker's.
// Failure      All of it becomes events of the core.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/history.h"
#include "node/data_loader.h"
#include "node/key_delay.h"
#include "node/worker.h"
#include "replication/framing.h"
#include "replication/replica_link.h"

namespace banyan::node {

// What a change of the link means for the rest of the node.
class UpstreamOwner {
 public:
  // The data is now `content`, at `position` (nullopt: of no history).
  virtual void adopt_snapshot(DataLoader::Content content,
                              const std::optional<replication::Position>& position) = 0;
  virtual void adopt_id(const std::string& id) = 0;
  virtual void become_primary(const std::optional<replication::Position>& position) = 0;
  // The link's state may have changed.
  virtual void on_link_state() = 0;

 protected:
  ~UpstreamOwner() = default;
};

class Upstream final : private StreamHandler {
 public:
  struct Options {
    replication::ReplicaLink::Settings link;
    const config::Persistence& loading;  // how snapshots are loaded; outlives this
  };
  Upstream(Worker& worker, Logger& logger, log::Log& log, UpstreamOwner& owner, Options options);
  ~Upstream();

  void on(const replication::link::Event& event);
  void tick();
  void set_settings(replication::ReplicaLink::Settings settings) {
    link_.set_settings(std::move(settings));
  }
  void set_source(Address source) { source_ = std::move(source); }
  const replication::ReplicaLink& link() const { return link_; }
  // Beside the data in use.
  bool is_loading() const { return loader_ != nullptr; }
  // The primary's end of the connection, if there is one.
  std::optional<Address> peer() const;
  std::uint64_t bytes_in() const { return bytes_in_; }
  // That the next command of the stream is for, unless it selects one.
  unsigned database() const { return session_.database; }
  void set_database(std::int64_t database);
  DataLoader::Options loader_options;  // for the next snapshot
  // Called for keys that `masteruser`... commands the stream may not hold: an error of ours.
  std::uint64_t stream_errors() const { return stream_errors_; }

 private:
  void on_connected() override;
  void on_readable() override;
  void on_connect_failed(const Error& error) override;

  void carry_out();
  void handle(const replication::link::BeginSnapshot& action);
  void handle(const replication::link::LoadSnapshot& action);
  void handle(const replication::link::AdoptSnapshot& action);
  void handle(const replication::link::ResumeStream& action);
  void send(Bytes bytes);
  void disconnect();
  void consume(Bytes input);
  void receive_snapshot(Bytes& input);
  void end_snapshot();
  void drop_snapshot();
  void pause(Bytes& input);
  void resume();
  void receive_stream(Bytes input);
  void apply_stream();
  bool apply_command(std::span<const Bytes> words, std::size_t size);
  void apply_now(std::span<const Bytes> words);
  void forget_stream();

  Worker& worker_;
  Logger& logger_;
  log::Log& log_;
  UpstreamOwner& owner_;
  replication::ReplicaLink link_;
  replication::link::Actions actions_;
  bool carrying_out_ = false;
  Address source_;

  std::unique_ptr<Stream> socket_;
  std::string unsent_;
  replication::LineReader lines_;

  std::optional<replication::PayloadReader> payload_;
  std::unique_ptr<DataLoader> loader_;
  std::unique_ptr<persist::RdbLoader> rdb_;
  std::string load_error_;
  std::uint64_t snapshot_number_ = 0;
  // key-load-delay: meanwhile nothing is read.
  const config::Persistence& loading_;
  KeyDelay delay_;
  bool is_paused_ = false;
  bool is_received_ = false;  // all of the snapshot
  std::string held_;          // received behind what was loaded

  commands::Session session_;
  resp::RequestParser parser_;
  std::string stream_;  // received, not parsed
  std::int64_t applied_ = 0;
  std::vector<std::vector<std::string>> block_;  // of a MULTI whose EXEC has not come
  std::int64_t block_bytes_ = 0;                 // its length in the stream
  bool in_block_ = false;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t stream_errors_ = 0;
};

}  // namespace banyan::node
