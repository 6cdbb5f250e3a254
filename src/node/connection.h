// Connection: one client's socket: reads requests, has them run, sends the replies.
//
// Vocabulary   *Pending input* is what could not be run yet: a command that is not complete, or
//              what came behind a command that is being waited for (*held*), or that must wait
//              itself (*paused*: held by CLIENT PAUSE). A *stranger* has not authenticated.
// Threads      Its worker's, inside the gate; other workers look at it under the exclusive gate.
// Failure      Whatever a client does, at worst its connection is closed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "commands/session.h"
#include "replication/replica_feed.h"
#include "resp/output.h"
#include "resp/request_parser.h"

namespace banyan::node {

class WorkerBase;
class Connection;

// CLIENT UNBLOCK.
enum class Unblock : std::uint8_t { timeout, error };

// A session that has a connection.
struct ClientSession : commands::Session {
  Connection* connection = nullptr;
  Instant stranger_since{};  // only while it is one
  unsigned failed_logins = 0;
  // Set by the command that holds the client: writes the reply and releases the connection.
  std::move_only_function<void(Unblock)> unblock;
};

class Connection final : public StreamHandler {
 public:
  Connection(WorkerBase& worker, std::unique_ptr<Stream> stream, std::uint64_t id);

  void on_readable() override;
  void on_writable() override;

  ClientSession& session() { return session_; }
  const ClientSession& session() const { return session_; }
  resp::Output& output() { return output_; }
  const resp::Output& output() const { return output_; }
  WorkerBase& worker() { return worker_; }
  Stream& stream() { return *stream_; }
  const Address& peer() const { return peer_; }
  const Address& local() const { return local_; }
  int descriptor() const { return stream_ == nullptr ? -1 : stream_->descriptor(); }
  // What it sent that has not been run, and what is being run.
  std::size_t input_bytes() const { return pending_.size() + running_bytes_; }
  std::size_t input_capacity() const { return pending_.capacity(); }
  std::size_t input_free_bytes() const {
    return pending_.empty() ? 0 : pending_.capacity() - pending_.size();
  }
  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }

  // A held client's reply has been written to output(): go on with what it sent meanwhile.
  void release();
  // Runs pending input again (after a pause), without a reply of ours.
  void retry();
  // Its reply is still to come.
  bool is_held() const { return held_ && !answered_; }
  bool is_paused() const { return paused_; }
  bool is_subscribed() const;

  // Sends what output() holds; the rest when there is room.
  void flush();
  // Ends the connection on a later turn of its worker's loop; safe inside any callback.
  void close();
  bool is_closing() const { return closing_ || session_.close_asap; }
  bool awaits_room() const { return writing_; }

  // PSYNC: `words` is the command. When it has run, the worker is told (set_on_replica), and takes
  // the socket, what else was received, and the feed's core; the connection is then closing.
  void hand_over(std::vector<std::string> words) { replica_words_ = std::move(words); }
  struct Handover {
    std::unique_ptr<Stream> stream;
    std::unique_ptr<replication::ReplicaFeed> core;
    std::string pending;
    std::vector<std::string> words;
  };
  Handover take();
  // What REPLCONF has told about this client, should it become a replica.
  replication::ReplicaFeed& feed_core();

 private:
  void flush_later();
  void log_closed(Bytes why);
  void log_security_attack();
  void run(Bytes input, bool in_pending);
  void receive_more();
  void protocol_error(const std::string& text, Bytes input);
  void check_output_limit();

  WorkerBase& worker_;
  std::unique_ptr<Stream> stream_;
  ClientSession session_;
  resp::RequestParser parser_;
  resp::Output output_;
  std::string pending_;
  Address peer_, local_;
  std::unique_ptr<replication::ReplicaFeed> feed_core_;
  std::vector<std::string> replica_words_;
  Instant soft_limit_since_{};
  std::uint64_t bytes_in_ = 0, bytes_out_ = 0;
  std::size_t running_bytes_ = 0;  // of the worker's read buffer
  bool held_ = false;
  bool answered_ = false;  // held, but the reply is in output()
  bool paused_ = false;
  bool writing_ = false;  // waits for room to write
  bool closing_ = false;
  bool flush_queued_ = false;
  friend class Worker;  // flush_queued_ and answered_ are its marks
};

// As CLIENT LIST shows a client. `argument_bytes` are those of the command it is running.
std::string describe_client(const Connection& connection, Instant now,
                            std::size_t argument_bytes = 0);

}  // namespace banyan::node
