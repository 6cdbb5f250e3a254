// ReplicaFeed: the primary's side of replication for one attached connection: it answers PSYNC,
// waits for a snapshot, sends it, then sends the stream and keeps the replica's acknowledgements.
//
//   handshake --PSYNC, held--> online
//   handshake --PSYNC or SYNC--> wait_snapshot_start --> wait_snapshot_end
//     file:   --> send_bulk --> online
//     socket: --> rdb_transmitted --first ACK--> online
//   any state --closed, timed out, snapshot failed--> gone
//
// Vocabulary   An *ack* is the offset up to which the replica has applied the stream; an *fsynced*
//              ack, up to which it is on its disk.
// Invariants   Between HoldStream (or StartStream) and the end, the log keeps every byte this
// replica
//              has not been sent. No ack exceeds the log's end; acks never decrease.
//              After PSYNC, nothing but the protocol's own lines is ever written to the replica.
// Threads      None. Owned by one thread.
// Failure      None of its own. A replica can say anything: at worst it is cut off.
//
// The driver   carries actions out in order; after Disconnect it reports nothing more. It passes
//              RequestSnapshot on to the SnapshotPlan, and tells feeds what becomes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "replication/psync.h"
#include "replication/replconf.h"
#include "replication/types.h"

namespace banyan::replication {

enum class SnapshotTarget : std::uint8_t { file, socket };

namespace feed {
// ---- Events.
struct ReplConf {
  std::vector<std::string> words;  // after REPLCONF
  std::int64_t log_offset = 0;     // our log's end
};
// Why nobody can be served now; `no`: they can.
enum class Refusal : std::uint8_t { no, not_connected_to_primary, failing_over };
struct Psync {
  PsyncRequest request;
  Verdict verdict;
  Refusal refusal = Refusal::no;
};
struct Sync {
  Refusal refusal = Refusal::no;
};
struct SnapshotStarted {  // a cut was made for us, or one under way was joined
  Position cut;
  SnapshotTarget target = SnapshotTarget::file;
  std::string mark;  // of a socket's payload
};
struct SnapshotFileReady {
  std::int64_t bytes = 0;
};
// The socket took bytes of the snapshot; `is_stuck`: it did not take all we had.
struct SnapshotBytesSent {
  std::int64_t bytes = 0;
  bool is_stuck = false;
};
struct SnapshotSent {};  // to the last byte
struct SnapshotFailed {};
struct Newline {};  // the replica is alive, but busy loading
struct Closed {};
using Event = std::variant<ReplConf, Psync, Sync, SnapshotStarted, SnapshotFileReady,
                           SnapshotBytesSent, SnapshotSent, SnapshotFailed, Newline, Closed>;

// ---- Actions.
struct SendLine {
  std::string text;  // "\r\n" follows
};
struct SendNewline {};
struct RequestSnapshot {};
struct HoldStream {
  std::int64_t from = 0;  // the number of the first byte to keep
};
struct SendSnapshotFile {};
struct StartStream {
  std::int64_t from = 0;
};
struct Disconnect {
  std::string reason;
};
enum class Counter : std::uint8_t { sync_full, sync_partial_ok, sync_partial_err };
struct Count {  // a line of INFO stats
  Counter counter = Counter::sync_full;
};
struct AcksMoved {};       // WAIT and quorum replies may be due; also for the first ACK
struct PassAckRequest {};  // REPLCONF GETACK from a client: acknowledge to our own primary
using Action =
    std::variant<Log, SendLine, SendNewline, RequestSnapshot, HoldStream, SendSnapshotFile,
                 StartStream, Disconnect, Count, AcksMoved, PassAckRequest>;
using Actions = std::vector<Action>;
}  // namespace feed

class ReplicaFeed {
 public:
  enum class State : std::uint8_t {
    handshake,
    wait_snapshot_start,
    wait_snapshot_end,
    send_bulk,
    rdb_transmitted,
    online,
    gone,
  };
  static constexpr Duration kKeepAlivePeriod = 1s;

  explicit ReplicaFeed(std::string peer_ip) : peer_ip_(std::move(peer_ip)) {}

  void on(const feed::Event& event, Instant now, feed::Actions& out);
  void tick(Instant now, Duration timeout, feed::Actions& out);

  State state() const { return state_; }
  const ReplicaProfile& profile() const { return profile_; }
  const std::string& ip() const {
    return profile_.ip_address.empty() ? peer_ip_ : profile_.ip_address;
  }
  std::int64_t acked() const { return acked_; }
  std::int64_t fsynced() const { return fsynced_; }
  Duration lag(Instant now) const { return now - ack_time_; }
  // "10.0.0.7:6379", as log lines name it.
  std::string name() const;

 private:
  void handle(const feed::ReplConf& event, Instant now, feed::Actions& out);
  void handle(const feed::Psync& event, Instant now, feed::Actions& out);
  void handle(const feed::Sync& event, Instant now, feed::Actions& out);
  void handle(const feed::SnapshotStarted& event, Instant now, feed::Actions& out);
  void handle(const feed::SnapshotFileReady& event, Instant now, feed::Actions& out);
  void handle(const feed::SnapshotBytesSent& event, Instant now, feed::Actions& out);
  void handle(const feed::SnapshotSent& event, Instant now, feed::Actions& out);
  void handle(const feed::SnapshotFailed& event, Instant now, feed::Actions& out);
  void handle(const feed::Newline& event, Instant now, feed::Actions& out);
  void handle(const feed::Closed& event, Instant now, feed::Actions& out);

  bool refuse(feed::Refusal refusal, feed::Actions& out) const;
  void continue_stream(const feed::Psync& event, Instant now, feed::Actions& out);
  void want_snapshot(Instant now, feed::Actions& out);
  void on_ack(const Ack& ack, std::int64_t log_offset, Instant now, feed::Actions& out);
  void start_stream(Instant now, feed::Actions& out);
  void drop(std::string reason, feed::Actions& out);

  std::string peer_ip_;
  ReplicaProfile profile_;
  State state_ = State::handshake;
  SnapshotTarget target_ = SnapshotTarget::file;
  bool is_pre_psync_ = false;  // came with SYNC: knows no offsets, will never acknowledge
  std::int64_t stream_from_ = 0;
  std::int64_t acked_ = 0;
  bool has_acked_ = false;
  std::int64_t fsynced_ = 0;
  Instant ack_time_{};
  Instant keep_alive_time_{};
  std::optional<Instant> stuck_since_;
};

const char* to_string(ReplicaFeed::State state);
// INFO's words: "wait_bgsave", "send_bulk", "online"; empty for a connection that is no replica.
const char* info_name(ReplicaFeed::State state);

}  // namespace banyan::replication
