// Marks: where the entries of one block start, and what is known about each.
//
// Vocabulary   A *run* is a stretch of entries with the same database and origin, close in time; a
//              mark holds only what differs within its run. Six bytes an entry in the usual case.
// Invariants   Starts are added in ascending order, each below 2^16.
// Threads      None; guarded by the log's lock.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace banyan::log {

inline constexpr std::uint16_t kNoDatabase = 0xffff;  // PING and the like: true in any database
inline constexpr std::uint16_t kNoSlot = 0xffff;      // no key, or keys of several slots

struct EntryInfo {
  std::uint16_t database = kNoDatabase;
  std::uint16_t slot = kNoSlot;
  std::uint32_t origin = 0;  // which site wrote it first; 0 = this one
  UnixMs time = 0;
  friend bool operator==(const EntryInfo&, const EntryInfo&) = default;
};

class Marks {
 public:
  // Returns by how many bytes its memory grew: 0, but for the first rounds of a new block.
  std::size_t add(std::uint16_t start, const EntryInfo& info);

  struct Found {
    std::uint16_t start;
    EntryInfo info;
  };
  // The first entry that starts at `start` or later. O(log entries).
  std::optional<Found> at_or_after(std::size_t start) const;

  void clear();  // keeps its memory
  std::size_t memory_bytes() const;

 private:
  struct Mark {
    std::uint16_t start;
    std::uint16_t slot;
    std::uint16_t ms_into_run;
  };
  struct Run {
    std::uint32_t first_mark;
    std::uint32_t origin;
    UnixMs time;
    std::uint16_t database;
  };
  bool fits_last_run(const EntryInfo& info) const;

  std::vector<Mark> marks_;
  std::vector<Run> runs_;
};

}  // namespace banyan::log
