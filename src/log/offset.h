// Offset, ByteNumber, ReplicationId: the coordinates of a replication stream.
//
// Vocabulary   An *Offset* is a place between two bytes: how many bytes of the stream lie before
// it.
//              What Redis calls master_repl_offset, what +FULLRESYNC announces, what REPLCONF ACK
//              acknowledges and what a snapshot is cut at are all Offsets.
//              A *ByteNumber* names one byte, counted from 1. PSYNC asks for one (the first byte
//              the replica lacks), repl_backlog_first_byte_offset and second_replid_offset show
//              one. So byte_after(o) = o + 1: a replica that holds 50 bytes asks for byte 51. Redis
//              calls both kinds "offset"; two types keep the one from being passed for the other.
//              A *ReplicationId* names a history: 40 hex digits, case ignored in comparisons.
// Invariants   Offsets that came through from_wire() leave room for 2^62 more bytes, so adding the
//              length of anything that fits in memory cannot overflow.
// Threads      None; values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace banyan::log {

class Offset {
 public:
  constexpr Offset() = default;
  constexpr explicit Offset(std::int64_t bytes) : bytes_(bytes) {}

  // For numbers that a peer or a file claims: nullopt unless 0 <= bytes <= 2^62.
  static constexpr std::optional<Offset> from_wire(std::int64_t bytes) {
    if (bytes < 0 || bytes > (std::int64_t{1} << 62)) return std::nullopt;
    return Offset(bytes);
  }

  constexpr std::int64_t bytes() const { return bytes_; }

  constexpr Offset& operator+=(std::int64_t bytes) {
    bytes_ += bytes;
    return *this;
  }
  friend constexpr Offset operator+(Offset at, std::int64_t bytes) { return at += bytes; }
  friend constexpr Offset operator-(Offset at, std::int64_t bytes) { return at += -bytes; }
  friend constexpr std::int64_t operator-(Offset a, Offset b) { return a.bytes_ - b.bytes_; }
  friend constexpr auto operator<=>(Offset, Offset) = default;

 private:
  std::int64_t bytes_ = 0;
};

class ByteNumber {
 public:
  // Any value may come from outside: a ByteNumber is compared, never added to.
  constexpr explicit ByteNumber(std::int64_t number) : number_(number) {}
  constexpr std::int64_t number() const { return number_; }
  friend constexpr auto operator<=>(ByteNumber, ByteNumber) = default;

 private:
  std::int64_t number_;
};

constexpr ByteNumber byte_after(Offset at) { return ByteNumber(at.bytes() + 1); }
// Requires: number >= 1, so compare with a window first.
constexpr Offset offset_before(ByteNumber byte) { return Offset(byte.number() - 1); }

// What a log can still give: the bytes between two offsets. While the log is inactive it holds
// nothing, and `next` is where the stream stopped.
struct Window {
  Offset first;
  Offset next;
  bool active = true;

  constexpr std::int64_t size_bytes() const { return next - first; }
  friend constexpr bool operator==(const Window&, const Window&) = default;
};

class ReplicationId {
 public:
  static constexpr std::size_t kDigits = 40;

  // Forty zeros: "none", as INFO shows master_replid2 where there is none.
  ReplicationId() { text_.fill('0'); }
  // nullopt unless `text` is 40 hex digits.
  static std::optional<ReplicationId> parse(Bytes text);

  Bytes text() const { return {text_.data(), text_.size()}; }
  bool is_none() const { return *this == ReplicationId(); }
  bool matches(Bytes text) const { return equals_ignoring_case(this->text(), text); }
  friend bool operator==(const ReplicationId& a, const ReplicationId& b) {
    return a.matches(b.text());
  }

 private:
  std::array<char, kDigits> text_;
};

}  // namespace banyan::log
