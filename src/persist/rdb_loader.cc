#include "persist/rdb_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/crc.h"

namespace banyan::persist {
namespace {

constexpr std::size_t kBufferStepBytes = 512;
constexpr std::size_t kBufferKeptBytes = 1 << 20;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;  // clang 16 does not deduce it

}  // namespace

Result<RdbLoader::Progress> RdbLoader::feed(Bytes piece) {
  const std::size_t size = piece.size();
  while (!buffer_.empty() && !piece.empty() && !done()) TRY_DO(fill_buffer(piece));
  if (!piece.empty() && !done()) {
    TRY_DO(parse(piece));
    if (!done()) buffer_.assign(std::exchange(piece, {}));
  }
  return Progress{.taken = size - piece.size(), .done = done()};
}

// Moves bytes from the piece to the buffer until the item there is complete. More than the item may
// be moved: what is left over is still in the piece, too, so it is given back.
Result<> RdbLoader::fill_buffer(Bytes& piece) {
  const std::size_t missing = parser_.needed() - std::min(parser_.needed(), buffer_.size());
  const std::size_t step = std::max({missing, buffer_.size(), kBufferStepBytes});
  const std::size_t moved = std::min(step, piece.size());
  buffer_.append(piece.substr(0, moved));
  Bytes left = buffer_;
  TRY_DO(parse(left));
  if (left.size() <= moved) {
    piece.remove_prefix(moved - left.size());
    buffer_.clear();
    if (buffer_.capacity() > kBufferKeptBytes) buffer_.shrink_to_fit();
  } else {
    piece.remove_prefix(moved);
    buffer_.erase(0, buffer_.size() - left.size());
  }
  return {};
}

// Removes all complete items from `bytes`.
Result<> RdbLoader::parse(Bytes& bytes) {
  unsummed_ = bytes.data();
  while (!done()) {
    auto item = parser_.next(bytes);
    if (!item) {
      if (item.error().code() != Errc::need_more) return std::unexpected(std::move(item).error());
      if (parser_.needed() > limits_.item_bytes_max)
        return fail(Errc::corrupt,
                    fmt::format("an item of at least {} bytes is over the limit of {} (at byte {})",
                                parser_.needed(), limits_.item_bytes_max, parser_.offset()));
      break;
    }
    if (const auto* end = std::get_if<RdbEof>(*item)) {
      const bool has_checksum = parser_.version() >= kRdbVersionWithChecksum;
      sum_up(bytes.data() - (has_checksum ? sizeof end->checksum : 0));
      TRY_DO(verify(end->checksum));
    }
    TRY_DO(deliver(**item));
  }
  if (!done()) sum_up(bytes.data());
  return {};
}

void RdbLoader::sum_up(const char* to) {
  if (limits_.verify_checksum)
    crc_ = crc64(crc_, Bytes(unsummed_, static_cast<std::size_t>(to - unsummed_)));
  unsummed_ = to;
}

Result<> RdbLoader::verify(std::uint64_t checksum) const {
  if (!limits_.verify_checksum || checksum == 0 || checksum == crc_) return {};
  return fail(
      Errc::corrupt,
      fmt::format("RDB CRC error: wrong checksum expected: ({:x}) but got ({:x}). Aborting now.",
                  crc_, checksum));
}

Result<> RdbLoader::deliver(const RdbItem& item) {
  return std::visit(
      Overloaded{
          [&](const RdbHeader&) -> Result<> { return {}; },
          [&](const RdbAux& aux) { return sink_.on_aux(aux.key, aux.value); },
          [&](const RdbSelectDb& select) { return sink_.on_select(select.db); },
          [&](const RdbResizeDb& r) { return sink_.on_resize(r.keys, r.keys_with_expiry); },
          [&](const RdbKey& key) { return sink_.on_key(key); },
          [&](const RdbFunction& function) { return sink_.on_function(function.code); },
          [&](const RdbModuleAux&) -> Result<> { return {}; },
          [&](const RdbSlotInfo&) -> Result<> { return {}; },
          [&](const RdbEof&) { return sink_.on_end(); },
      },
      item);
}

Result<> RdbLoader::finish() const {
  if (done()) return {};
  return fail(Errc::need_more,
              fmt::format("Short read or OOM loading DB. Unrecoverable error, aborting now. "
                          "(the input ends at byte {})",
                          parser_.offset() + buffer_.size()));
}

}  // namespace banyan::persist
