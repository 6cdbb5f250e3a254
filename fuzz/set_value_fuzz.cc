// Properties: bytes are taken for a set of any form or refused; what was taken has every member
// once, finds each, and comes back the same when saved; and so it is under small limits too.
#include <cstdint>
#include <set>
#include <string>

#include "base/check.h"
#include "persist/values.h"
#include "values/set.h"

namespace {

using namespace banyan;
using namespace banyan::persist;
using store::Entry;
using values::Set;
using values::SetMember;

std::set<std::string> members(const Entry& entry) {
  std::set<std::string> all;
  const Set set = Set::of(entry.body());
  set.for_each([&](const SetMember& member) {
    IntegerText room;
    CHECK(set.contains(member));
    CHECK(all.emplace(member.as_text(room)).second);
  });
  CHECK(all.size() == set.size() && !all.empty());
  return all;
}

void load(Bytes payload, RdbType type, const LoadOptions& options) {
  RdbReader reader(payload);
  const auto loaded = load_value(reader, type, "key", options);
  if (!loaded || *loaded == nullptr) return;
  Entry* entry = *loaded;
  const std::set<std::string> all = members(*entry);
  std::string saved;
  append_value(saved, *entry, Compression::off);
  RdbReader again(saved);
  const auto back = load_value(again, rdb_type(*entry), "key", options);
  CHECK(back && *back != nullptr && again.at_end() && members(**back) == all);
  Entry::destroy(*back);
  Set set(entry->body());
  for (const std::string& member : all) CHECK(set.remove(member));
  CHECK(set.empty());
  Entry::destroy(entry);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(reinterpret_cast<const char*>(data), size);
  const values::EncodingLimits usual{{}, {1, 2}};
  const values::EncodingLimits small{
      {.set_intset_entries = 3, .set_listpack_entries = 3, .set_listpack_value_bytes = 4}, {1, 2}};
  std::string in_string;
  append_length(in_string, size);
  in_string += bytes;
  for (const values::EncodingLimits& limits : {usual, small}) {
    const LoadOptions options{.limits = limits};
    load(bytes, RdbType::set, options);
    load(in_string, RdbType::set_intset, options);
    load(in_string, RdbType::set_listpack, options);
  }
  return 0;
}
