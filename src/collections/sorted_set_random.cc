// ZRANDMEMBER.
#include <limits>
#include <unordered_set>
#include <vector>

#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using values::Direction;
using values::SortedSetView;

// `count` different ranks below `size`, fewer than half of it; in no order.
std::vector<std::size_t> few_ranks(Rng& rng, std::size_t count, std::size_t size) {
  std::unordered_set<std::size_t> taken;
  std::vector<std::size_t> ranks;
  ranks.reserve(count);
  while (ranks.size() < count)
    if (const std::size_t rank = rng.below(size); taken.insert(rank).second) ranks.push_back(rank);
  return ranks;
}

// Likewise, of any number; rising.
std::vector<std::size_t> many_ranks(Rng& rng, std::size_t count, std::size_t size) {
  std::vector<std::size_t> ranks;
  ranks.reserve(count);
  for (std::size_t rank = 0; ranks.size() < count; ++rank)
    if (rng.below(size - rank) < count - ranks.size()) ranks.push_back(rank);
  return ranks;
}

void reply_different(Call& call, const SortedSetView& set, std::size_t count, bool with_scores) {
  const std::size_t size = set.size();
  MemberReply reply(call.reply, with_scores);
  const auto add = [&](Bytes member, double score) { reply.add(member, score); };
  if (count >= size) {
    reply.begin(size);
    return set.visit_all(add);
  }
  reply.begin(count);
  for (const std::size_t rank :
       count > size / 3 ? many_ranks(call.rng(), count, size) : few_ranks(call.rng(), count, size))
    set.visit({rank, 1}, Direction::up, add);
}

// A reply that would take more than kReplyBytesMax is refused: it could fill all memory.
Result<> reply_repeating(Call& call, const SortedSetView& set, std::uint64_t count,
                         bool with_scores) {
  constexpr std::size_t kReplyBytesMax = std::size_t{1} << 30;
  constexpr std::size_t kMemberBytesMin = 6;  // "$0", an empty text, and its line ends
  if (count > kReplyBytesMax / kMemberBytesMin) return fail(Errc::out_of_range);
  const std::size_t size = set.size();
  const std::size_t bytes_before = call.reply.output().size();
  MemberReply reply(call.reply, with_scores);
  reply.begin(count);
  for (; count > 0; --count) {
    set.visit({call.rng().below(size), 1}, Direction::up,
              [&](Bytes member, double score) { reply.add(member, score); });
    if (call.reply.output().size() - bytes_before > kReplyBytesMax) return fail(Errc::out_of_range);
  }
  return {};
}

}  // namespace

Result<> zrandmember(Call& call) {
  using Limits = std::numeric_limits<std::int64_t>;
  const bool counted = call.size() > 2;
  std::int64_t count = 1;
  if (counted) {
    TRY(count, call.int_arg(2));
    if (count == Limits::min())
      return fail(
          "value is out of range, value must between -9223372036854775807 and "
          "9223372036854775807");
    if (call.size() > 4 || (call.size() == 4 && !call.is(3, "withscores")))
      return fail(Errc::syntax);
  }
  const bool with_scores = call.size() == 4;
  if (with_scores && (count < -Limits::max() / 2 || count > Limits::max() / 2))
    return fail(Errc::out_of_range);
  TRY(const Entry* entry, find_sorted_set(call));
  if (entry == nullptr) {
    counted ? call.reply.array(0) : call.reply.null();
    return {};
  }
  const SortedSetView set(entry->body());
  if (!counted) {
    set.visit({call.rng().below(set.size()), 1}, Direction::up,
              [&](Bytes member, double) { call.reply.bulk(member); });
  } else if (count >= 0) {
    reply_different(call, set, static_cast<std::size_t>(count), with_scores);
  } else {
    return reply_repeating(call, set, static_cast<std::uint64_t>(-count), with_scores);
  }
  return {};
}

}  // namespace banyan::collections
