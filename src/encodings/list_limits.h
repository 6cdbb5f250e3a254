// ListLimits: how large the pieces of a list may become, and which of them are kept compressed.
//
// Vocabulary   `node_limit` is list-max-listpack-size: the elements of a node when it is positive
//              (and then 8 KiB at most), else a size class, -1 to -5 for 4 to 64 KiB.
//              `compress_depth` nodes at each end stay uncompressed; 0: all do.
//              An element of `plain_bytes_min` or more has a node of its own.
// Threads      None; values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

namespace banyan::encodings {

struct ListLimits {
  int node_limit = -2;
  int compress_depth = 0;
  std::size_t plain_bytes_min = std::size_t{1} << 30;

  // SIZE_MAX where only the other one is limited.
  std::size_t bytes_max() const {
    if (node_limit >= 0) return std::numeric_limits<std::size_t>::max();
    return std::size_t{4096} << (std::min(-(node_limit + 1), 4));
  }
  std::size_t count_max() const {
    if (node_limit < 0) return std::numeric_limits<std::size_t>::max();
    return static_cast<std::size_t>(std::max(node_limit, 1));
  }
  // Whether a listpack of that size is more than a node may hold.
  bool exceeded_by(std::size_t bytes, std::size_t count) const {
    constexpr std::size_t kBytesMaxWhenCounted = 8192;
    if (node_limit < 0) return bytes > bytes_max();
    return bytes > kBytesMaxWhenCounted || count > count_max();
  }
};

}  // namespace banyan::encodings
