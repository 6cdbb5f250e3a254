// Blocks from outside: every byte is checked, so that the rest of the code may trust them.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "encodings/listpack.h"
#include "values/stream_block.h"

namespace banyan::values {
namespace {

std::unexpected<Error> corrupt(std::string what) {
  return fail(Errc::corrupt, "stream block: " + std::move(what));
}

// Steps over the elements of a valid listpack, and not beyond its end.
class Walk {
 public:
  Walk(const char* at, const char* end) : at_(at), end_(end) {}

  bool at_end() const { return at_ == end_; }
  // At most 3: what flags are made of. They are changed in place, so they must be one byte.
  std::optional<std::uint8_t> flags() {
    if (at_end() || encodings::listpack_entry::byte_at(at_) > 3) return std::nullopt;
    const std::uint8_t value = encodings::listpack_entry::byte_at(at_);
    at_ = encodings::listpack_entry::next(at_);
    return value;
  }
  std::optional<std::int64_t> integer() {
    if (at_end()) return std::nullopt;
    encodings::ListpackValue value;
    at_ = encodings::listpack_entry::read(at_, value);
    if (!value.is_integer) return std::nullopt;
    return value.integer;
  }
  std::optional<std::uint64_t> count() {
    const auto value = integer();
    if (!value || *value < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
  }
  bool skip(std::uint64_t elements) {
    for (; elements > 0; --elements) {
      if (at_end()) return false;
      at_ = encodings::listpack_entry::next(at_);
    }
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

struct Counts {
  std::uint64_t live = 0, deleted = 0;
  StreamId last;
};

// What is wrong with the entry, or null. No count of fields can be so large that it overflows: the
// elements must be there.
const char* check_entry(Walk& walk, StreamId block, std::uint64_t head_pairs, Counts& counts) {
  const auto flags = walk.flags();
  const auto ms = walk.integer();
  const auto seq = walk.integer();
  if (!flags || !ms || !seq) return "an entry begins with no flags and ID";
  const StreamId id{block.ms + static_cast<std::uint64_t>(*ms),
                    block.seq + static_cast<std::uint64_t>(*seq)};
  if (id < block || (counts.live + counts.deleted > 0 && id <= counts.last))
    return "its IDs do not ascend";
  counts.last = id;
  std::uint64_t elements = 0;
  if ((*flags & 2) != 0) {
    if (!walk.skip(head_pairs)) return "it ends inside an entry";
    elements = head_pairs + 3;
  } else {
    const auto pairs = walk.count();
    if (!pairs || !walk.skip(*pairs) || !walk.skip(*pairs)) return "it ends inside an entry";
    elements = *pairs * 2 + 4;
  }
  if (walk.count() != elements) return "an entry has another length than it says";
  ++((*flags & 1) != 0 ? counts.deleted : counts.live);
  return nullptr;
}

}  // namespace

Result<StreamBlock> StreamBlock::decode(StreamId id, Bytes bytes) {
  if (!encodings::validate_listpack(bytes, true)) return corrupt("it is no listpack");
  Walk walk(bytes.data() + kHeaderBytes, bytes.data() + bytes.size() - 1);
  const auto live = walk.count();
  const auto deleted = walk.count();
  const auto pairs = walk.count();
  if (!live || !deleted || !pairs || !walk.skip(*pairs) || walk.flags() != 0)
    return corrupt("its head is broken");
  Counts counts;
  while (!walk.at_end())
    if (const char* problem = check_entry(walk, id, *pairs, counts)) return corrupt(problem);
  if (counts.live != *live || counts.deleted != *deleted)
    return corrupt("it counts its entries wrong");
  StreamBlock block;
  block.id = id;
  block.set_capacity(bytes.size());
  std::memcpy(block.bytes_, bytes.data(), bytes.size());
  return block;
}

}  // namespace banyan::values
