// Properties: bytes are taken for a sorted set of any form or refused; what was taken is in order,
// without twins and without NaN, is found by every lookup, and comes back the same when saved.
#include <cmath>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "persist/values.h"
#include "values/sorted_set.h"

namespace {

using namespace banyan;
using namespace banyan::persist;
using store::Entry;
using values::SortedSetView;

std::string text_of(const Entry& entry) {
  std::string text;
  SortedSetView(entry.body()).visit_all([&](Bytes member, double score) {
    text += std::to_string(member.size()) + ':';
    text += member;
    text += format_double(score) + ' ';
  });
  return text;
}

void check_order(const SortedSetView& set) {
  std::string before;
  double score_before = 0;
  std::size_t rank = 0;
  set.visit_all([&](Bytes member, double score) {
    CHECK(!std::isnan(score));
    CHECK(rank == 0 || score_before < score || (score_before == score && before < member));
    const auto found = set.rank(member);
    CHECK(found && found->rank == rank && found->score == score);
    before = member;
    score_before = score;
    ++rank;
  });
  CHECK(rank == set.size());
}

void load(Bytes payload, RdbType type, const LoadOptions& options) {
  RdbReader reader(payload);
  const auto loaded = load_value(reader, type, "key", options);
  if (!loaded || *loaded == nullptr) return;
  Entry* entry = *loaded;
  check_order(SortedSetView(entry->body()));
  std::string saved;
  append_value(saved, *entry, Compression::off);
  RdbReader again(saved);
  const auto back = load_value(again, rdb_type(*entry), "key", options);
  CHECK(back && *back != nullptr && again.at_end() && text_of(**back) == text_of(*entry));
  Entry::destroy(*back);
  Entry::destroy(entry);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  values::EncodingLimits limits;
  if (data[0] % 2 == 0) limits.zset_listpack_entries = 2;
  const LoadOptions options{.limits = limits};
  const Bytes payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const RdbType type :
       {RdbType::zset, RdbType::zset_2, RdbType::zset_listpack, RdbType::zset_ziplist})
    load(payload, type, options);
  return 0;
}
