// Feed: the driver of one ReplicaFeed: the socket of a replica that we feed.
//
// Threads   The main worker's.
// Failure   A feed that has ended (is_over()) is destroyed by its owner on the next turn.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "log/reader.h"
#include "node/rdb_walk.h"
#include "replication/replica_feed.h"

namespace banyan::node {

class Feed;

class FeedOwner {
 public:
  virtual void request_snapshot(Feed& feed) = 0;
  virtual void on_acks(Feed& feed) = 0;
  virtual void on_feed_over(Feed& feed) = 0;
  virtual void on_counter(replication::feed::Counter counter) = 0;
  virtual void pass_ack_request() = 0;
  virtual void on_snapshot_sent(Feed& feed) = 0;
  virtual std::string rdb_path() const = 0;

 protected:
  ~FeedOwner() = default;
};

class Feed final : private StreamHandler, public RdbTarget {
 public:
  Feed(std::uint64_t id, Worker& worker, Logger& logger, log::Log& log, FeedOwner& owner,
       std::unique_ptr<Stream> stream, std::unique_ptr<replication::ReplicaFeed> core,
       std::string pending);

  std::uint64_t id() const { return id_; }
  const replication::ReplicaFeed& core() const { return *core_; }
  bool is_over() const { return over_; }
  // What ends a snapshot that goes straight into the socket; empty for one from a file.
  void set_mark(std::string mark) { mark_ = std::move(mark); }
  Address peer() const { return peer_; }
  std::uint64_t bytes_out() const { return bytes_out_; }
  // Bytes that wait for this replica: of the snapshot and of the log.
  std::size_t lag_bytes() const;

  void on(const replication::feed::Event& event);
  void tick(Duration timeout);
  // Sends what the log has for it, a turn's share at most.
  void pump();
  void close(Bytes reason);

  // RdbTarget: a snapshot straight into the socket.
  void on_chunk(const Chunk& chunk) override;
  void on_end() override;
  std::size_t bytes_behind() const override { return queue_bytes_; }

 private:
  void on_readable() override;
  void on_writable() override;
  void carry_out();
  void send(std::string text);
  void send_file();
  void read_file();
  void flush();
  bool write(Bytes bytes, std::size_t* sent);
  void receive(Bytes input);
  void handle_request(std::span<const Bytes> words);

  std::uint64_t id_;
  Worker& worker_;
  Logger& logger_;
  log::Log& log_;
  FeedOwner& owner_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<replication::ReplicaFeed> core_;
  replication::feed::Actions actions_;
  bool carrying_out_ = false;
  Address peer_;

  resp::RequestParser parser_;
  std::string pending_;
  std::deque<Chunk> queue_;  // lines and snapshot chunks before the stream
  std::size_t queue_at_ = 0;
  std::size_t queue_bytes_ = 0;
  std::string mark_;
  bool snapshot_ended_ = false;
  std::unique_ptr<File> file_;
  std::unique_ptr<log::Reader> reader_;
  bool streaming_ = false;
  bool blocked_ = false;  // waits for room to write
  bool over_ = false;
  std::uint64_t bytes_out_ = 0;
};

}  // namespace banyan::node
