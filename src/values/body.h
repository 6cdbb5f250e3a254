// Body: where a collection lives, as an entry holds it: a pointer and the encoding of what it
// points to, in eight bytes.
//
// Invariants   Pointers fit 48 bits. What the pointer means is known to the type's handle class
//              (values/hash_value.h and its like), which works on a Body in place.
// Threads      Whoever holds the lock of the entry's partition.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "encodings/block_estimate.h"

namespace banyan::values {

using encodings::estimated_bytes;
using encodings::kAllBlocks;

// What OBJECT ENCODING tells. The first four are strings' (store/entry.h).
enum class Encoding : std::uint8_t {
  integer,
  embstr,
  raw_inline,
  raw,
  listpack,
  listpack_ex,
  intset,
  hashtable,
  quicklist,
  skiplist,
  stream
};
const char* name_of(Encoding encoding);  // as OBJECT ENCODING answers

class Body {
 public:
  Body() = default;
  Body(Encoding encoding, const void* pointer) { set(encoding, pointer); }

  Encoding encoding() const { return static_cast<Encoding>(bytes_[7]); }
  void* pointer() const { return reinterpret_cast<void*>(word() & kPointerMask); }
  template <class T>
  T* as() const {
    return static_cast<T*>(pointer());
  }
  void set(Encoding encoding, const void* pointer) {
    const auto address = reinterpret_cast<std::uint64_t>(pointer);
    DCHECK((address & ~kPointerMask) == 0);
    store_to(bytes_, address | static_cast<std::uint64_t>(encoding) << 56);
  }

 private:
  static constexpr std::uint64_t kPointerMask = 0xffffffffffff;
  std::uint64_t word() const { return load<std::uint64_t>(bytes_); }

  unsigned char bytes_[8] = {};  // not a uint64_t: inside an entry it is not aligned
};
static_assert(sizeof(Body) == 8 && alignof(Body) == 1);

}  // namespace banyan::values
