// Bucket: one cache line of the table. Eight slots of a 48-bit pointer and an 8-bit tag; a chain
// when more keys share it.
//
// Invariants   A free slot has tag 0 (a hash whose tag bits are 0 is given tag 1).
//              Bit i of `expiring` tells whether slot i's entry has an expiry.
//              `version` counts in the chain's head only (see store/snapshot.h).
// Failure      CHECKs that the machine's user-space pointers fit 48 bits.
#pragma once

#include <bit>
#include <cstdint>

#include "base/check.h"
#include "store/entry.h"

namespace banyan::store {

struct alignas(64) Bucket {
  static constexpr unsigned kSlots = 8;

  unsigned char pointers[kSlots][6] = {};
  std::uint8_t tags[kSlots] = {};
  unsigned char next_pointer[6] = {};
  std::uint8_t expiring = 0;
  std::uint8_t version = 0;

  static std::uint8_t tag_of(std::uint64_t hash) {
    const auto tag = static_cast<std::uint8_t>(hash >> 48);
    return tag == 0 ? 1 : tag;
  }

  // One bit per slot (bit 7 of byte i for slot i) whose tag equals `tag`; exact, no false hits.
  std::uint64_t matches(std::uint8_t tag) const {
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
    constexpr std::uint64_t kLow7 = 0x7f7f7f7f7f7f7f7fULL;
    const std::uint64_t x = load<std::uint64_t>(tags) ^ (kOnes * tag);
    return ~(((x & kLow7) + kLow7) | x | kLow7);
  }
  std::uint64_t free_slots() const { return matches(0); }
  std::uint64_t used_slots() const { return ~free_slots() & 0x8080808080808080ULL; }
  static unsigned slot_of(std::uint64_t bits) {
    return static_cast<unsigned>(std::countr_zero(bits)) / 8;
  }

  Entry* entry(unsigned slot) const { return reinterpret_cast<Entry*>(load48(pointers[slot])); }
  void set_entry(unsigned slot, Entry* entry) {
    store48(pointers[slot], entry);
    set_expiring(slot, entry->has_expiry());
  }
  bool is_expiring(unsigned slot) const { return ((expiring >> slot) & 1U) != 0; }
  void put(unsigned slot, std::uint8_t tag, Entry* entry) {
    tags[slot] = tag;
    set_entry(slot, entry);
  }
  void clear(unsigned slot) {
    tags[slot] = 0;
    set_expiring(slot, false);
  }

  Bucket* next() const { return reinterpret_cast<Bucket*>(load48(next_pointer)); }
  void set_next(Bucket* bucket) { store48(next_pointer, bucket); }

 private:
  void set_expiring(unsigned slot, bool on) {
    const unsigned bit = 1U << slot;
    expiring = static_cast<std::uint8_t>(on ? expiring | bit : expiring & ~bit);
  }
  // Reads two bytes beyond the six: still inside the bucket, for every slot and for `next`.
  static std::uint64_t load48(const unsigned char* from) {
    return load<std::uint64_t>(from) & 0xffffffffffffULL;
  }
  static void store48(unsigned char* to, const void* pointer) {
    const auto value = reinterpret_cast<std::uint64_t>(pointer);
    DCHECK((value >> 48) == 0);
    std::memcpy(to, &value, 6);
  }
};
static_assert(sizeof(Bucket) == 64);

}  // namespace banyan::store
