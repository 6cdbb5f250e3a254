// allocation_class: the size that the allocator sets aside for a request of `bytes`.
//
// A container that always asks for allocation_class(size) needs no capacity field (its capacity
// follows from its size) and grows many times in place before it has to move. The steps are
// jemalloc's: 8, then multiples of 16 up to 128, then four steps per doubling. Under another
// allocator they are merely a sensible way to grow.
#pragma once

#include <bit>
#include <cstddef>

namespace banyan::encodings {

constexpr std::size_t allocation_class(std::size_t bytes) {
  if (bytes <= 8) return 8;
  if (bytes <= 128) return (bytes + 15) & ~std::size_t{15};
  const std::size_t step = std::bit_floor(bytes - 1) / 4;
  return (bytes + step - 1) & ~(step - 1);
}

}  // namespace banyan::encodings
