#include "persist/value_sorted_set.h"

#include <cmath>

#include "persist/ziplist.h"
#include "values/sorted_set.h"

namespace banyan::persist {

using encodings::Listpack;
using encodings::ListpackValue;
using encodings::ListpackView;
using encodings::MemberGatherer;
using store::Entry;
using values::Encoding;
using values::EncodingLimits;
using values::SortedSet;
using values::SortedSetView;

namespace {

Result<> gather(MemberGatherer& members, Bytes text, double score, const RdbReader& reader) {
  if (std::isnan(score)) return reader.corrupt("a score is not a number");
  if (text.size() > encodings::Member::kBytesMax) return reader.corrupt("a member is too long");
  const std::uint64_t hash = members.hash(text);
  if (members.find(text, hash) != nullptr)
    return reader.corrupt("a member is in a sorted set twice");
  members.add(text, hash, score);
  return {};
}

Entry* entry_of(MemberGatherer& members, Bytes key, const EncodingLimits& limits) {
  Entry* entry = Entry::make_collection(key, values::Type::sorted_set);
  SortedSet(entry->body()).assign(members, limits);
  return entry;
}

Result<Entry*> load_pairs(RdbReader& reader, RdbType type, Bytes key,
                          const EncodingLimits& limits) {
  TRY(const std::uint64_t count, reader.length());
  if (count == 0) return nullptr;
  MemberGatherer members(limits.table_secret);
  std::string scratch;
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY(const Bytes text, reader.string(scratch));
    double score = 0;
    if (type == RdbType::zset) {
      TRY(score, reader.text_double());
    } else {
      TRY(score, reader.binary_double());
    }
    TRY_DO(gather(members, text, score, reader));
  }
  return entry_of(members, key, limits);
}

// Member by member: what comes from outside may be in no order, hold a member twice, or an integer
// as text.
Result<Entry*> load_pack(const RdbReader& reader, ListpackView pack, Bytes key,
                         const EncodingLimits& limits) {
  if (pack.size() % 2 != 0) return reader.corrupt("a member without a score");
  if (pack.empty()) return nullptr;
  MemberGatherer members(limits.table_secret);
  ListpackValue member;
  double score = 0;
  for (auto at = pack.begin(); at != pack.end();) {
    at = encodings::score_listpack::read_pair(pack, at, member, score);
    IntegerText room;
    TRY_DO(gather(members, member.as_text(room), score, reader));
  }
  // One that was small where it comes from stays so, however long its members are.
  EncodingLimits as_it_was = limits;
  as_it_was.zset_listpack_value_bytes = ListpackView::kGrowthBytesMax;
  return entry_of(members, key, as_it_was);
}

Result<Entry*> load_listpack(RdbReader& reader, Bytes key, const EncodingLimits& limits) {
  std::string scratch;
  TRY(const Bytes bytes, reader.string(scratch));
  if (!encodings::validate_listpack(bytes, true))
    return reader.corrupt("bad listpack of a sorted set");
  return load_pack(reader, ListpackView(bytes.data()), key, limits);
}

Result<Entry*> load_ziplist(RdbReader& reader, Bytes key, const EncodingLimits& limits) {
  std::string scratch;
  TRY(const Bytes bytes, reader.string(scratch));
  auto pack = listpack_of_ziplist(bytes);
  if (!pack) return reader.corrupt("bad ziplist of a sorted set");
  Result<Entry*> entry = load_pack(reader, *pack, key, limits);
  pack->destroy();
  return entry;
}

}  // namespace

RdbType sorted_set_rdb_type(const Entry& entry) {
  return entry.encoding() == Encoding::listpack ? RdbType::zset_listpack : RdbType::zset_2;
}

bool append_sorted_set(std::string& out, const Entry& entry, Compression compression,
                       ValueProgress& progress) {
  if (entry.encoding() == Encoding::listpack) {
    const Bytes bytes = ListpackView(entry.body().pointer()).bytes();
    append_string(out, bytes, compression);
    progress.spend(bytes.size());
    return true;
  }
  const SortedSetView set(entry.body());
  const std::size_t size = set.size();
  if (progress.next == 0) append_length(out, size);
  // From the last to the first, as Redis writes them: it is quickest at adding in front. So many
  // are looked up at once: fewer cost more, and more are passed over where the piece ends.
  constexpr std::size_t kAtOnce = 256;
  while (progress.next < size && !progress.is_piece_over()) {
    const std::size_t left = size - progress.next;
    const std::size_t count = std::min(left, kAtOnce);
    set.visit({left - count, count}, values::Direction::down, [&](Bytes member, double score) {
      if (progress.is_piece_over()) return;
      append_string(out, member, compression);
      append_double(out, score);
      progress.spend(member.size() + sizeof score);
      ++progress.next;
    });
  }
  return progress.next == size;
}

bool is_sorted_set(RdbType type) {
  return type == RdbType::zset || type == RdbType::zset_2 || type == RdbType::zset_ziplist ||
         type == RdbType::zset_listpack;
}

Result<Entry*> load_sorted_set(RdbReader& reader, RdbType type, Bytes key,
                               const EncodingLimits& limits) {
  if (type == RdbType::zset_listpack) return load_listpack(reader, key, limits);
  if (type == RdbType::zset_ziplist) return load_ziplist(reader, key, limits);
  return load_pairs(reader, type, key, limits);
}

}  // namespace banyan::persist
