// ReplyGate: who still waits for copies of the log, and who need wait no longer. The one mechanism
// behind WAIT, WAITAOF and replies that are held until the write is safe.
//
// Vocabulary   A *reader* acknowledges offsets: a replica what it has applied and what it has on
//              disk, the local disk what it has on disk. A *waiter* is a token of the caller's with
//              a need: `copies` replicas (and the local disk, if asked) at `offset` or further.
// Invariants   Nothing is released that its need does not cover, and nobody who is covered is still
//              waiting when a call returns. Acknowledgements never go back. Each token that wait()
//              kept is released exactly once, unless cancel() takes it out.
//              Same calls, same releases in the same order: by offset, then by order of waiting.
// Cost         O(log waiters + readers + kinds of need in use) per call, and the released.
// Threads      None. Failure: none. Policy (how many copies, what to answer) is the caller's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "log/offset.h"

namespace banyan::log {

struct Need {
  Offset offset{};
  std::size_t copies = 0;       // replicas
  bool copies_on_disk = false;  // their fsync counts (WAITAOF), not that they applied it (WAIT)
  bool local_disk = false;      // and ours must have it on disk
  std::optional<Instant> deadline{};  // none: for ever (timeout 0)
};

struct Release {
  enum class Why : std::uint8_t { satisfied, timed_out, local_disk_gone, role_changed };
  std::uint64_t token = 0;
  Why why = Why::satisfied;
  std::size_t copies = 0;      // reached by now, which may be more than were needed
  bool on_local_disk = false;  // reached by now, whether needed or not
};

class ReplyGate {
 public:
  enum class Kind : std::uint8_t { replica, local_disk };
  using ReaderId = std::uint64_t;
  using Releases = std::vector<Release>;  // appended to

  // Until its first on_ack() a reader has acknowledged offset 0: a session that wrote nothing waits
  // for no more than readers that are there. Requires: `reader` is new.
  void add_reader(ReaderId reader, Kind kind, Releases& out);
  // Fine for an unknown reader: an acknowledgement may come late. When the last local disk goes,
  // those who need it are released: they would wait for ever.
  void remove_reader(ReaderId reader, Releases& out);
  // `fsynced` counts alone for the local disk; a replica that does not say has 0. An offset smaller
  // than the last is ignored; so is an unknown reader.
  void on_ack(ReaderId reader, Offset applied, Offset fsynced, Releases& out);

  // The answer when there is nothing to wait for; otherwise keeps `token` until a later call
  // releases it. Requires: `token` is not waiting.
  std::optional<Release> wait(std::uint64_t token, const Need& need);
  void cancel(std::uint64_t token);  // its client is gone; fine when it is not waiting

  // Releases those whose deadline is `now` or before.
  void tick(Instant now, Releases& out);
  std::optional<Instant> next_deadline() const;
  // The node became a replica: nobody acknowledges to it any more.
  void release_all(Releases& out);

  std::size_t count_acked(Offset offset, bool on_disk) const;
  bool on_local_disk(Offset offset) const;
  // The largest offset that `copies` replicas have acknowledged; nullopt when
  // there are fewer, or none are asked for.
  std::optional<Offset> acked_by(std::size_t copies, bool on_disk) const;
  std::size_t waiting() const { return waiters_.size(); }

 private:
  // Waiters with the same kind of need are satisfied in order of their offsets.
  struct Group {
    std::size_t copies;
    bool copies_on_disk;
    bool local_disk;
    friend auto operator<=>(const Group&, const Group&) = default;
  };
  struct Place {  // in the order of releases
    Offset offset;
    std::uint64_t turn;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Waiter {
    Group group;
    Place place;
    std::optional<Instant> deadline;
  };
  struct Reader {
    Kind kind;
    Offset applied, fsynced;
  };
  using Acks = std::vector<Offset>;  // one a replica, descending

  static void insert(Acks& acks, Offset ack);
  static void erase(Acks& acks, Offset ack);
  static void raise(Acks& acks, Offset& from, Offset to);
  const Acks& acks(bool on_disk) const { return on_disk ? fsynced_ : applied_; }
  bool covered(const Group& group, Offset offset) const;
  Release release(std::uint64_t token, const Group& group, Offset offset, Release::Why why) const;
  void release_covered(Releases& out);
  void release_tokens(const std::map<Place, std::uint64_t>& due, Release::Why why, Releases& out);
  void forget(std::uint64_t token);
  void find_furthest_local();

  std::map<ReaderId, Reader> readers_;
  Acks applied_, fsynced_;
  std::optional<Offset> local_fsynced_;  // none: there is no local disk

  std::map<Group, std::map<Place, std::uint64_t>> groups_;  // no empty ones
  std::set<std::pair<Instant, std::uint64_t>> deadlines_;   // with tokens
  std::unordered_map<std::uint64_t, Waiter> waiters_;
  std::uint64_t turns_ = 0;
};

}  // namespace banyan::log
