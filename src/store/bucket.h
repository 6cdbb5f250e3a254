// Bucket: one cache line of the table. Eight slots of a 48-bit pointer and an 8-bit tag; a chain
// when more keys share it.
//
// Vocabulary   An *item* is what a slot holds. Its *split bits* are the four bits of the key's hash
//              that the next splits of the bucket go by. They lie in the low bits of the pointer,
//              which the allocator leaves 0: a split need not fetch the entries to hash their keys.
// Invariants   A free slot has tag 0 (a hash whose tag bits are 0 is given tag 1).
//              Bit i of `expiring` tells whether slot i's entry has an expiry.
//              `version` counts in the chain's head only (see store/snapshot.h).
// Failure      DCHECKs that the machine's user-space pointers fit 48 bits and are aligned to 16.
#pragma once

#include <bit>
#include <cstdint>

#include "base/check.h"
#include "store/entry.h"

namespace banyan::store {

struct alignas(64) Bucket {
  static constexpr unsigned kSlots = 8;
  static constexpr unsigned kSplitBits = 4;

  struct Item {
    std::uint64_t word;  // the entry's address and the split bits
    std::uint8_t tag;
    bool is_expiring;

    static Item of(Entry* entry, std::uint8_t tag, unsigned split_bits) {
      return {word_of(entry, split_bits), tag, entry->has_expiry()};
    }
    Entry* entry() const { return entry_of(word); }
    unsigned split_bits() const { return static_cast<unsigned>(word & kSplitMask); }
  };

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

  Entry* entry(unsigned slot) const { return entry_of(load48(pointers[slot])); }
  Item item(unsigned slot) const { return {load48(pointers[slot]), tags[slot], is_expiring(slot)}; }
  void put(unsigned slot, const Item& item) {
    store48(pointers[slot], item.word);
    tags[slot] = item.tag;
    set_expiring(slot, item.is_expiring);
  }
  // The entry has moved, or has an expiry now, or none.
  void set_entry(unsigned slot, Entry* entry) {
    put(slot, Item::of(entry, tags[slot], item(slot).split_bits()));
  }
  bool is_expiring(unsigned slot) const { return ((expiring >> slot) & 1U) != 0; }
  void clear(unsigned slot) {
    tags[slot] = 0;
    set_expiring(slot, false);
  }

  Bucket* next() const { return reinterpret_cast<Bucket*>(load48(next_pointer)); }
  void set_next(Bucket* bucket) { store48(next_pointer, reinterpret_cast<std::uint64_t>(bucket)); }

 private:
  static constexpr std::uint64_t kSplitMask = (1U << kSplitBits) - 1;

  static std::uint64_t word_of(Entry* entry, unsigned split_bits) {
    const auto address = reinterpret_cast<std::uint64_t>(entry);
    DCHECK((address & kSplitMask) == 0 && split_bits <= kSplitMask);
    return address | split_bits;
  }
  static Entry* entry_of(std::uint64_t word) {
    return reinterpret_cast<Entry*>(word & ~kSplitMask);
  }
  void set_expiring(unsigned slot, bool on) {
    const unsigned bit = 1U << slot;
    expiring = static_cast<std::uint8_t>(on ? expiring | bit : expiring & ~bit);
  }
  // Reads two bytes beyond the six: still inside the bucket, for every slot and for `next`.
  static std::uint64_t load48(const unsigned char* from) {
    return load<std::uint64_t>(from) & 0xffffffffffffULL;
  }
  static void store48(unsigned char* to, std::uint64_t value) {
    DCHECK((value >> 48) == 0);
    std::memcpy(to, &value, 6);
  }
};
static_assert(sizeof(Bucket) == 64);

}  // namespace banyan::store
