// Properties: any bytes are a hash or refused; a hash that was loaded can be read field by field,
// saved, and loaded again with the same fields; and it can be changed afterwards.
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/check.h"
#include "persist/values.h"
#include "values/hash_value.h"

namespace {

using namespace banyan;
using namespace banyan::persist;
using store::Entry;
using values::Hash;
using values::HashField;
using values::HashView;

struct Free {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};
using Owned = std::unique_ptr<Entry, Free>;
using Content = std::map<std::string, std::pair<std::string, UnixMs>>;

Content content(const Entry& entry) {
  Content all;
  HashView(entry.body()).for_each([&](const HashField& f) {
    CHECK(all.emplace(f.member, std::pair{std::string(f.value), f.expiry}).second);
  });
  return all;
}

Owned load_hash_of(RdbType type, Bytes payload, const values::EncodingLimits& limits) {
  RdbReader reader(payload);
  const LoadOptions options{.limits = limits, .now = 1000, .keep_expired = true};
  const auto loaded = load_value(reader, type, "key", options);
  return Owned(loaded ? *loaded : nullptr);
}

void try_hash(RdbType type, Bytes payload, std::uint64_t entries_max) {
  values::EncodingLimits limits;
  limits.hash_listpack_entries = entries_max;
  const Owned entry = load_hash_of(type, payload, limits);
  if (entry == nullptr) return;
  const Content before = content(*entry);
  CHECK(HashView(entry->body()).size() == before.size());
  std::string saved;
  append_value(saved, *entry, Compression::off);
  const Owned again = load_hash_of(rdb_type(*entry), saved, limits);
  CHECK(again != nullptr && content(*again) == before);
  Hash hash(entry->body());
  for (const auto& [field, held] : before) {
    values::HashRoom room;
    const auto found = hash.find(field, room);
    CHECK(found && found->value == held.first && found->expiry == held.second);
    CHECK(!hash.set(field, "changed", limits, Hash::kKeepExpiry));
    CHECK(hash.set_expiry(field, 5));
  }
  CHECK(hash.soonest_expiry() == 5);
  hash.expire(6, before.size(), [](Bytes) {});
  CHECK(hash.size() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr RdbType kTypes[] = {RdbType::hash,
                                RdbType::hash_zipmap,
                                RdbType::hash_ziplist,
                                RdbType::hash_listpack,
                                RdbType::hash_metadata,
                                RdbType::hash_metadata_pre_ga,
                                RdbType::hash_listpack_ex,
                                RdbType::hash_listpack_ex_pre_ga};
  if (size == 0) return 0;
  const RdbType type = kTypes[data[0] % std::size(kTypes)];
  const std::uint64_t entries_max = data[0] < 128 ? 512 : 2;
  try_hash(type, Bytes(reinterpret_cast<const char*>(data) + 1, size - 1), entries_max);
  return 0;
}
