#include "commands/keys.h"

#include <algorithm>

#include "base/number.h"

namespace banyan::commands {
namespace {

// The word where the search of `spec` begins; 0 when its keyword is absent.
std::size_t begin_of(const KeySpec& spec, std::span<const Bytes> words) {
  const auto size = static_cast<std::int64_t>(words.size());
  if (spec.begin == KeySpec::Begin::index) return static_cast<std::size_t>(spec.index);
  const bool backwards = spec.index < 0;
  for (std::int64_t i = backwards ? size + spec.index : spec.index; i > 0 && i < size;
       i += backwards ? -1 : 1)
    if (equals_ignoring_case(words[static_cast<std::size_t>(i)], spec.keyword))
      return static_cast<std::size_t>(i) + 1;
  return 0;
}

bool add_range(const KeySpec& spec, std::size_t first, std::size_t size,
               std::vector<KeyPosition>& out) {
  if (first >= size) return false;
  std::int64_t last = 0;
  if (spec.last >= 0) {
    last = static_cast<std::int64_t>(first) + spec.last;
  } else if (spec.limit > 1) {
    last = static_cast<std::int64_t>(first) +
           (static_cast<std::int64_t>(size - first) / spec.limit + spec.last);
  } else {
    last = static_cast<std::int64_t>(size) + spec.last;
  }
  if (last >= static_cast<std::int64_t>(size)) return false;
  const auto step = static_cast<std::size_t>(spec.step);
  for (std::size_t i = first; i <= static_cast<std::size_t>(std::max<std::int64_t>(last, 0));
       i += step)
    out.push_back({static_cast<std::uint32_t>(i), spec.flags});
  return true;
}

bool add_counted(const KeySpec& spec, std::size_t begin, std::span<const Bytes> words,
                 std::vector<KeyPosition>& out) {
  const std::size_t count_at = begin + static_cast<std::size_t>(spec.count_at);
  const std::size_t first = begin + static_cast<std::size_t>(spec.first_at);
  if (count_at >= words.size()) return false;
  const auto count = parse_int(words[count_at]);
  if (!count || *count < 0) return false;
  const auto step = static_cast<std::size_t>(spec.step);
  if (first > words.size() ||
      static_cast<std::uint64_t>(*count) > (words.size() - first + step - 1) / step)
    return false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i)
    out.push_back({static_cast<std::uint32_t>(first + i * step), spec.flags});
  return true;
}

}  // namespace

bool find_keys(const CommandSpec& spec, std::span<const Bytes> words,
               std::vector<KeyPosition>& out) {
  for (const KeySpec& key : spec.keys) {
    if (key.begin == KeySpec::Begin::none) break;
    if (key.begin == KeySpec::Begin::unknown) continue;
    const std::size_t begin = begin_of(key, words);
    if (begin == 0) continue;
    const bool fits = key.find == KeySpec::Find::range ? add_range(key, begin, words.size(), out)
                                                       : add_counted(key, begin, words, out);
    if (!fits) return false;
  }
  if (spec.more_keys != nullptr) spec.more_keys(words, out);
  return true;
}

}  // namespace banyan::commands
