// MEMORY USAGE looks at some of the blocks that a value is made of: the first `samples`.
//
// Threads   None; pure functions.
#pragma once

#include <cstddef>

namespace banyan::encodings {

inline constexpr std::size_t kAllBlocks = ~std::size_t{0};

// What `count` blocks take, if the `seen` that were looked at take `bytes`. Requires: seen > 0.
inline std::size_t estimated_bytes(std::size_t bytes, std::size_t seen, std::size_t count) {
  const double each = static_cast<double>(bytes) / static_cast<double>(seen);
  return static_cast<std::size_t>(each * static_cast<double>(count));
}

}  // namespace banyan::encodings
