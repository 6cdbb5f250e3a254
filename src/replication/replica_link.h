// ReplicaLink: the replica's side of replication: connect, shake hands, continue where we were or
// take a whole snapshot, follow the stream, and start again whenever anything goes wrong.
//
//   none --TopologyChanged--> connect --> connecting --> ping_sent --> [auth_sent] --> port_sent
//    --> [ip_sent] --> capa_sent --> [version_sent] --> psync_sent --+CONTINUE--> streaming
//   psync_sent --+FULLRESYNC or SYNC--> awaiting_snapshot --> receiving_snapshot
//    --> loading_snapshot --> streaming            any state --trouble--> connect
//
// Vocabulary   The *position* is that of the data this node holds, whatever the link does: it is
//              what PSYNC asks to continue from. nullopt: the data has no history a primary knows.
// Invariants   The position changes by four events only: StreamApplied (a whole command took
//              effect), SnapshotLoaded (the new data is complete), OldDataDropped, and a change of
//              role. A sync that fails earlier leaves data and position as they were.
//              Two attempts to connect are at least kRetryPause apart, unless a person moves us.
//              The primary can send anything: the worst that happens is a log line and a retry.
// Threads      None. Owned by one thread.
// Failure      None of its own.
//
// The driver   carries actions out in order and answers by later events; after Disconnect it
// reports
//              nothing more of that socket. In states where wants_lines(), it cuts the bytes with
//              LineReader; in receiving_snapshot with PayloadReader; in streaming they are
//              commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "replication/types.h"

namespace banyan::replication {

namespace link {
// ---- Events.
// Follow this primary, or (nullopt) be one. `own` counts only where we were a primary until now:
// the log's id and offset, or nullopt when we hold nothing worth continuing.
struct TopologyChanged {
  std::optional<Address> primary;
  std::optional<Position> own;
};
struct Connected {};
struct ConnectFailed {
  std::string error;
};
struct Closed {
  std::string error;  // empty: the primary closed in good order
};
struct ReplyLine {
  std::string text;  // "" is the primary's keep-alive
};
struct LineTooLong {};
struct SnapshotProgress {
  std::int64_t bytes = 0;  // since the last such event
};
// The number is that of BeginSnapshot: late words about an abandoned snapshot are dropped by it.
struct SnapshotReceived {
  std::uint64_t number = 0;
};
struct SnapshotFailed {  // it could not be stored
  std::uint64_t number = 0;
  std::string error;
};
struct OldDataDropped {};  // no room for both: the old data goes before the new is complete
struct SnapshotLoaded {
  std::uint64_t number = 0;
  std::string error;  // empty: complete and correct
};
struct StreamBytes {};  // something arrived in the stream, keep-alives included
struct StreamApplied {
  std::int64_t offset = 0;  // of the end of the last command or transaction that took effect
};
struct StreamFsynced {
  std::int64_t offset = 0;
};
struct AckRequested {};  // REPLCONF GETACK in the stream
using Event =
    std::variant<TopologyChanged, Connected, ConnectFailed, Closed, ReplyLine, LineTooLong,
                 SnapshotProgress, SnapshotReceived, SnapshotFailed, OldDataDropped, SnapshotLoaded,
                 StreamBytes, StreamApplied, StreamFsynced, AckRequested>;

// ---- Actions.
struct Connect {
  Address primary;
};
struct Disconnect {};
struct SendCommand {
  std::vector<std::string> words;
};
struct SendNewline {};  // one "\n": we are alive, but busy loading
struct SendAck {
  std::int64_t offset = 0;
  std::optional<std::int64_t> fsynced;  // sent as FACK
};
// A payload follows on the link: store it beside the present data. `position` is what the data will
// have; nullopt when the primary cannot say (SYNC). `mark` is empty when the length is known.
struct BeginSnapshot {
  std::uint64_t number = 0;
  std::optional<Position> position;
  std::int64_t length = 0;
  std::string mark;
};
struct LoadSnapshot {
  std::uint64_t number = 0;
};
struct AbortSnapshot {
  std::uint64_t number = 0;
};
// Exchange the data for what was loaded, in one step; the log restarts empty at this position (with
// an id of our own if nullopt), and our own replicas must come again.
struct AdoptSnapshot {
  std::optional<Position> position;
};
// The same bytes have a new name: the log takes this id, keeps the old as its second id up to here,
// and our own replicas are cut off so that they learn it.
struct AdoptId {
  std::string replid;
};
struct ResumeStream {
  std::optional<Position> position;
};
struct BecomePrimary {
  std::optional<Position> position;  // nullopt: the data is no primary's history; keep no second id
};
using Action =
    std::variant<Log, Connect, Disconnect, SendCommand, SendNewline, SendAck, BeginSnapshot,
                 LoadSnapshot, AbortSnapshot, AdoptSnapshot, AdoptId, ResumeStream, BecomePrimary>;
using Actions = std::vector<Action>;
}  // namespace link

class ReplicaLink {
 public:
  enum class State : std::uint8_t {
    none,  // we are a primary
    connect,
    connecting,
    ping_sent,
    auth_sent,
    port_sent,
    ip_sent,
    capa_sent,
    version_sent,
    psync_sent,
    awaiting_snapshot,
    receiving_snapshot,
    loading_snapshot,
    streaming,
  };
  struct Settings {
    int listening_port = 6379;
    std::string announce_ip{};  // empty: not sent
    std::string user{}, password{};
    std::string version{};  // REPLCONF version; empty: not sent
    bool load_from_socket = false;
    Duration timeout = 60s;
  };
  static constexpr Duration kRetryPause = 1s;
  static constexpr Duration kAckPeriod = 1s;

  explicit ReplicaLink(Settings settings) : settings_(std::move(settings)) {}

  void on(const link::Event& event, Instant now, link::Actions& out);
  void tick(Instant now, link::Actions& out);
  // The timeout counts at once, the rest from the next connection.
  void set_settings(Settings settings) { settings_ = std::move(settings); }

  State state() const { return state_; }
  bool wants_lines() const;
  const std::optional<Address>& primary() const { return primary_; }
  const std::optional<Position>& position() const { return position_; }
  Instant last_io() const { return last_io_; }
  std::optional<Instant> down_since() const { return down_since_; }
  std::int64_t snapshot_length() const { return snapshot_length_; }  // -1: not known
  std::int64_t snapshot_received() const { return snapshot_received_; }

 private:
  void handle(const link::TopologyChanged& event, Instant now, link::Actions& out);
  void handle(const link::Connected& event, Instant now, link::Actions& out);
  void handle(const link::ConnectFailed& event, Instant now, link::Actions& out);
  void handle(const link::Closed& event, Instant now, link::Actions& out);
  void handle(const link::ReplyLine& event, Instant now, link::Actions& out);
  void handle(const link::LineTooLong& event, Instant now, link::Actions& out);
  void handle(const link::SnapshotProgress& event, Instant now, link::Actions& out);
  void handle(const link::SnapshotReceived& event, Instant now, link::Actions& out);
  void handle(const link::SnapshotFailed& event, Instant now, link::Actions& out);
  void handle(const link::OldDataDropped& event, Instant now, link::Actions& out);
  void handle(const link::SnapshotLoaded& event, Instant now, link::Actions& out);
  void handle(const link::StreamBytes& event, Instant now, link::Actions& out);
  void handle(const link::StreamApplied& event, Instant now, link::Actions& out);
  void handle(const link::StreamFsynced& event, Instant now, link::Actions& out);
  void handle(const link::AckRequested& event, Instant now, link::Actions& out);

  void become_primary(link::Actions& out);
  void start_attempt(Instant now, Bytes headline, link::Actions& out);
  void leave(Instant now, link::Actions& out);
  void retry(Instant now, link::Actions& out);
  void on_ping_reply(const std::string& line, Instant now, link::Actions& out);
  State step_after(State step) const;
  void send_step(State step, link::Actions& out) const;
  void take_step(State step, link::Actions& out);
  void on_psync_reply(const std::string& line, Instant now, link::Actions& out);
  void on_continue(const std::string& line, Instant now, link::Actions& out);
  void on_full_resync(const std::string& line, Instant now, link::Actions& out);
  void on_snapshot_header(const std::string& line, Instant now, link::Actions& out);
  void begin_snapshot(std::int64_t length, std::string mark, link::Actions& out);
  void begin_streaming(Instant now, link::Actions& out);
  void send_ack(Instant now, link::Actions& out);
  bool has_snapshot() const;
  bool is_silent(Instant now) const { return now - last_io_ > settings_.timeout; }

  Settings settings_;
  Settings session_;  // what this attempt was started with: its replies must be matched to it
  State state_ = State::none;
  std::optional<Address> primary_;
  std::optional<Position> position_;
  std::optional<Position> incoming_;  // the position of the snapshot under way
  std::optional<std::int64_t> fsynced_;
  bool has_socket_ = false;
  std::uint64_t snapshot_number_ = 0;
  std::int64_t snapshot_length_ = 0;
  std::int64_t snapshot_received_ = 0;
  Instant next_attempt_{};
  Instant last_io_{};
  Instant last_ack_{};  // or newline
  std::optional<Instant> down_since_;
};

const char* to_string(ReplicaLink::State state);
// What ROLE says: "connect", "connecting", "handshake", "sync", "connected" (and "none").
const char* role_name(ReplicaLink::State state);

}  // namespace banyan::replication
