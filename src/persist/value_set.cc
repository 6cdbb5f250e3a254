#include "persist/value_set.h"

#include <memory>

#include "values/set.h"

namespace banyan::persist {

using store::Entry;
using values::Encoding;
using values::EncodingLimits;
using values::Set;
using values::SetMember;

namespace {

struct DestroyEntry {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};
using OwnedEntry = std::unique_ptr<Entry, DestroyEntry>;

OwnedEntry make_set(Bytes key, Encoding encoding, const EncodingLimits& limits) {
  OwnedEntry entry(Entry::make_collection(key, values::Type::set));
  if (encoding != Encoding::intset) {
    Set::destroy(entry->body());
    Set::create(entry->body(), encoding, limits.table_secret);
  }
  return entry;
}

Result<> add(Entry& entry, const SetMember& member, const RdbReader& reader,
             const EncodingLimits& limits) {
  if (!Set(entry.body()).add(member, limits)) return reader.corrupt("a member is in a set twice");
  return {};
}

Result<Entry*> load_strings(RdbReader& reader, Bytes key, const EncodingLimits& limits) {
  TRY(const std::uint64_t count, reader.length());
  if (count == 0) return nullptr;
  const bool is_large = count > limits.set_intset_entries;
  OwnedEntry entry = make_set(key, is_large ? Encoding::hashtable : Encoding::intset, limits);
  std::string scratch;
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY(const Bytes text, reader.string(scratch));
    TRY_DO(add(*entry, SetMember::of(text), reader, limits));
  }
  return entry.release();
}

// From an intset or listpack that is too large by our settings, a hashtable is made.
Result<Entry*> load_intset(RdbReader& reader, Bytes key, const EncodingLimits& limits) {
  std::string scratch;
  TRY(const Bytes bytes, reader.string(scratch));
  if (bytes.size() == 8) return nullptr;  // a header without integers
  if (const auto valid = encodings::validate_intset(bytes); !valid)
    return reader.corrupt(valid.error().text());
  const encodings::IntsetView view(bytes.data());
  OwnedEntry entry = make_set(key, Encoding::intset, limits);
  if (view.size() > limits.set_intset_entries) {
    for (std::size_t i = 0; i < view.size(); ++i)
      TRY_DO(add(*entry, SetMember::of_integer(view.at(i)), reader, limits));
  } else {
    Set::destroy(entry->body());
    entry->body().set(Encoding::intset, encodings::Intset::copy_of(bytes).data());
  }
  return entry.release();
}

// Member by member: a listpack from outside may hold a member twice, or an integer as text.
Result<Entry*> load_listpack(RdbReader& reader, Bytes key, const EncodingLimits& limits) {
  std::string scratch;
  TRY(const Bytes bytes, reader.string(scratch));
  if (!encodings::validate_listpack(bytes, true)) return reader.corrupt("bad listpack of a set");
  const encodings::ListpackView view(bytes.data());
  if (view.empty()) return nullptr;
  const bool fits = view.size() <= limits.set_listpack_entries;
  OwnedEntry entry = make_set(key, fits ? Encoding::listpack : Encoding::hashtable, limits);
  EncodingLimits as_it_was = limits;
  as_it_was.set_listpack_value_bytes = encodings::ListpackView::kGrowthBytesMax;
  SetMember member;
  for (auto at = view.begin(); at != view.end();) {
    at = view.read(at, member);
    TRY_DO(add(*entry, member, reader, as_it_was));
  }
  return entry.release();
}

}  // namespace

RdbType set_rdb_type(const Entry& entry) {
  return entry.encoding() == Encoding::intset ? RdbType::set_intset : RdbType::set;
}

bool append_set(std::string& out, const Entry& entry, Compression compression,
                ValueProgress& progress) {
  if (entry.encoding() == Encoding::intset) {
    const Bytes bytes = encodings::IntsetView(entry.body().pointer()).bytes();
    append_string(out, bytes, compression);
    progress.spend(bytes.size());
    return true;
  }
  const Set set = Set::of(entry.body());
  if (progress.next == 0) append_length(out, set.size());
  if (set.encoding() == Encoding::listpack) {
    set.for_each([&](const SetMember& member) {
      progress.spend(member.text.size());
      if (member.is_integer) return append_int_string(out, member.integer);
      append_string(out, member.text, compression);
    });
    return true;
  }
  const encodings::PackedTable& table = set.table();
  for (; progress.next < table.bucket_count() && !progress.is_piece_over(); ++progress.next)
    table.visit_bucket(static_cast<std::uint32_t>(progress.next), [&](const auto& item) {
      append_string(out, item.member, compression);
      progress.spend(item.member.size());
    });
  return progress.next == table.bucket_count();
}

Result<Entry*> load_set(RdbReader& reader, RdbType type, Bytes key, const EncodingLimits& limits) {
  if (type == RdbType::set_intset) return load_intset(reader, key, limits);
  if (type == RdbType::set_listpack) return load_listpack(reader, key, limits);
  return load_strings(reader, key, limits);
}

}  // namespace banyan::persist
