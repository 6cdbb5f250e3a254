// Entry: a key with its value, in one allocation.
//
// Layout   8 bytes of header, then in this order: the expiry (8 bytes, when it has one), the key's
//          length (4 bytes, when it is above 255), the key, the payload. The payload is
//            integer      the value, 8 bytes
//            embstr, raw_inline   the bytes themselves (their length is in the header)
//            raw          a pointer to a Blob: strings that are long or that have grown
//            (collections) a Body: pointer and encoding
//          so that a key of 16 bytes with a value of 16 takes 40 bytes.
// Vocabulary   *Access* is the 24 bits that eviction reads: seconds of last use, or (minutes,
// count)
//          under an LFU policy. `raw_inline` is what OBJECT ENCODING calls raw, stored inline.
// Invariants   An Entry never changes its address by itself: the functions that may need another
//          size return the (possibly moved) entry, and the table must be told.
// Threads  None of its own: whoever holds the lock of the entry's partition, or reads it shared.
// Failure  Allocation failure terminates.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/integer_text.h"
#include "base/time.h"
#include "values/body.h"
#include "values/type.h"

namespace banyan::store {

// Strings longer than this are not "embstr" for OBJECT ENCODING.
inline constexpr std::size_t kEmbstrBytesMax = 44;
// Strings longer than this live in a Blob of their own.
inline constexpr std::size_t kInlineBytesMax = 4096;

// A string's bytes with room to grow.
struct Blob {
  std::size_t size;
  std::size_t capacity;
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
};

// A string value as a command gives it: text, or the integer that the text spells.
struct StringValue {
  Bytes text;
  std::optional<std::int64_t> integer;

  static StringValue of(Bytes text);  // finds out whether it spells an integer
  static StringValue of_integer(std::int64_t value) { return {{}, value}; }
};

class Entry {
 public:
  // `raw` asks for the encoding that strings get which were changed in place (APPEND, SETRANGE).
  static Entry* make(Bytes key, const StringValue& value, UnixMs expiry = kNoExpiry);
  // An empty collection, in its smallest encoding.
  static Entry* make_collection(Bytes key, values::Type type, UnixMs expiry = kNoExpiry);
  static Entry* make_copy(const Entry& other, Bytes new_key, UnixMs expiry);
  // `entry` under another name; the value moves, however large. Frees `entry`.
  static Entry* renamed(Entry* entry, Bytes new_key);
  static void destroy(Entry* entry);

  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  values::Type type() const { return static_cast<values::Type>(kind_ >> 4); }
  values::Encoding encoding() const { return is_string() ? text_encoding() : body().encoding(); }
  Bytes key() const {
    const char* p = after_header();
    if ((flags_ & kLongKey) != 0) [[unlikely]]
      return {p + 4, load<std::uint32_t>(p)};
    return {p, key_length_};
  }

  bool has_expiry() const { return (flags_ & kHasExpiry) != 0; }
  UnixMs expiry() const { return has_expiry() ? load<UnixMs>(this + 1) : kNoExpiry; }
  bool is_expired(UnixMs now) const { return has_expiry() && expiry() < now; }
  // The entry, perhaps moved. kNoExpiry takes the expiry away.
  [[nodiscard]] static Entry* with_expiry(Entry* entry, UnixMs expiry);

  // By any thread that may read the entry: who reads beside others renews it, too.
  std::uint32_t access() const {
    return std::atomic_ref(const_cast<std::uint32_t&>(access_)).load(std::memory_order_relaxed);
  }
  void set_access(std::uint32_t access) {
    std::atomic_ref(access_).store(access & 0xffffff, std::memory_order_relaxed);
  }

  // Collections: what the type's handle class works on.
  values::Body& body() { return *reinterpret_cast<values::Body*>(payload()); }
  const values::Body& body() const { return *reinterpret_cast<const values::Body*>(payload()); }

  // Strings. The view is valid until the entry changes; an integer is written into `room`.
  Bytes text(IntegerText& room) const;
  std::size_t text_size() const;
  bool is_string() const { return kind_ < 16; }
  bool is_integer() const { return kind_ == static_cast<std::uint8_t>(values::Encoding::integer); }
  std::int64_t integer() const { return load<std::int64_t>(payload()); }
  void set_integer(std::int64_t value) { store_to(payload(), value); }
  // Replaces the value; keeps key, expiry and access. The entry, perhaps moved.
  [[nodiscard]] static Entry* with_value(Entry* entry, const StringValue& value);
  // Makes the value `size` bytes long, new bytes zero, ready to be written to. The entry, perhaps
  // moved; its encoding is raw from then on. Grows with headroom, so that appending is amortised.
  [[nodiscard]] static Entry* resized(Entry* entry, std::size_t size);
  char* writable_text() { return load<Blob*>(payload())->data(); }  // after resized() only

  // Bytes taken from the allocator, blobs and collections included; see collection.h.
  std::size_t memory_bytes(std::size_t samples = values::kAllBlocks) const;
  // About how many allocations destroy() gives back.
  std::size_t free_effort() const;

 private:
  static constexpr std::uint8_t kHasExpiry = 1;
  static constexpr std::uint8_t kLongKey = 2;
  static constexpr std::uint16_t kInlineSizeMask = (1U << 13) - 1;

  Entry() = default;
  const char* after_header() const {
    return reinterpret_cast<const char*>(this + 1) + (has_expiry() ? sizeof(UnixMs) : 0);
  }
  const char* payload() const {
    const Bytes k = key();
    return k.data() + k.size();
  }
  char* payload() { return const_cast<char*>(static_cast<const Entry*>(this)->payload()); }
  std::size_t payload_bytes() const;
  static Entry* allocate(Bytes key, std::size_t payload_bytes, UnixMs expiry);
  values::Encoding text_encoding() const { return static_cast<values::Encoding>(kind_); }
  void set_kind(values::Encoding encoding) { kind_ = static_cast<std::uint8_t>(encoding); }
  void write_value(const StringValue& value, values::Encoding encoding);
  void release_value();

  std::uint32_t access_ = 0;            // a memory location of its own: see set_access()
  std::uint8_t kind_ = 0;               // type * 16, plus a string's encoding
  std::uint8_t key_length_ = 0;         // unless kLongKey
  std::uint16_t inline_size_ : 13 = 0;  // bytes of an inline string
  std::uint16_t flags_ : 3 = 0;
};
static_assert(sizeof(Entry) == 8 && kInlineBytesMax <= 0x1fff);

}  // namespace banyan::store
