#include "persist/value_hash.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "persist/ziplist.h"
#include "persist/zipmap.h"
#include "values/hash_value.h"

namespace banyan::persist {

using encodings::Listpack;
using encodings::ListpackValue;
using encodings::ListpackView;
using store::Entry;
using values::Encoding;
using values::Hash;
using values::HashField;
using values::HashView;

namespace {

// What Redis can hold: 48 bits.
constexpr std::uint64_t kExpiryMax = 0xffffffffffff;

struct DestroyEntry {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};
using OwnedEntry = std::unique_ptr<Entry, DestroyEntry>;

// A hash that is being read, field by field.
class Loading {
 public:
  Loading(Bytes key, const RdbReader& reader, const LoadOptions& options)
      : entry_(Entry::make_collection(key, values::Type::hash)),
        reader_(reader),
        options_(options) {}

  // For so many fields, as far as bytes for them can be there.
  void prepare(std::uint64_t fields, std::size_t bytes_left) {
    if (fields <= options_.limits.hash_listpack_entries) return;
    Hash(entry_->body()).become_hashtable(options_.limits, std::min(fields, bytes_left / 2));
  }
  Result<> add(Bytes field, Bytes value, UnixMs expiry = kNoExpiry) {
    const bool is_over = expiry != kNoExpiry && expiry < options_.now && !options_.keep_expired;
    if (is_over) return {};
    if (!Hash(entry_->body()).set(field, value, options_.limits, expiry))
      return reader_.corrupt("a field is in a hash twice");
    return {};
  }
  // Null when nothing is left.
  Entry* finish() {
    if (HashView(entry_->body()).size() == 0) return nullptr;
    return entry_.release();
  }
  // Instead of adding fields: `bytes` are a valid listpack that needs no change.
  Entry* adopt(Bytes bytes, Encoding encoding) {
    Hash::adopt(entry_->body(), Listpack::copy_of(bytes), encoding);
    return entry_.release();
  }

 private:
  OwnedEntry entry_;
  const RdbReader& reader_;
  const LoadOptions& options_;
};

Result<Entry*> load_pairs(RdbReader& reader, Bytes key, const LoadOptions& options) {
  TRY(const std::uint64_t count, reader.length());
  Loading hash(key, reader, options);
  hash.prepare(count, reader.rest().size());
  std::string field_room;
  std::string value_room;
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY(const Bytes field, reader.string(field_room));
    TRY(const Bytes value, reader.string(value_room));
    TRY_DO(hash.add(field, value));
  }
  return hash.finish();
}

// Pairs with an expiry each: 0 for none, else relative to the soonest one (plus 1), or absolute in
// the type of pre-releases.
Result<Entry*> load_triples(RdbReader& reader, RdbType type, Bytes key,
                            const LoadOptions& options) {
  const bool is_relative = type == RdbType::hash_metadata;
  std::uint64_t base = 0;
  if (is_relative) {
    TRY(const UnixMs soonest, reader.milliseconds());
    if (soonest < 0 || static_cast<std::uint64_t>(soonest) > kExpiryMax + 1)
      return reader.corrupt("the soonest expiry of a hash is out of range");
    base = static_cast<std::uint64_t>(soonest);
  }
  TRY(const std::uint64_t count, reader.length());
  Loading hash(key, reader, options);
  hash.prepare(count, reader.rest().size());
  std::string field_room;
  std::string value_room;
  for (std::uint64_t i = 0; i < count; ++i) {
    TRY(std::uint64_t time, reader.length());
    TRY(const Bytes field, reader.string(field_room));
    TRY(const Bytes value, reader.string(value_room));
    if (time > kExpiryMax + 1) return reader.corrupt("the expiry of a field is out of range");
    const bool expires = time != 0;
    if (expires && is_relative) time += base - 1;
    if (time > kExpiryMax) return reader.corrupt("the expiry of a field is out of range");
    const auto expiry = static_cast<UnixMs>(std::max<std::uint64_t>(time, 1));
    TRY_DO(hash.add(field, value, expires ? expiry : kNoExpiry));
  }
  return hash.finish();
}

// One element at a time; a text that `room` keeps.
struct ElementReader {
  const ListpackView& pack;
  ListpackView::Position at;

  Bytes next(IntegerText& room) {
    ListpackValue value;
    at = pack.read(at, value);
    return value.as_text(room);
  }
};

// True when no field is there twice. A few are compared with each other, many are hashed.
bool has_distinct_fields(const ListpackView& pack, std::size_t width, const HashSecret& secret) {
  constexpr std::size_t kFew = 16;
  const bool are_few = pack.size() / width <= kFew;
  encodings::PackedTable seen(encodings::PackedTable::Kind::set, secret);
  for (auto at = pack.begin(); at != pack.end();) {
    IntegerText room;
    const Bytes field = pack.text(at, room);
    at = pack.skip(at, width);
    if (are_few) {
      if (at != pack.end() &&
          pack.find(at, ListpackValue::of(field), width - 1) != ListpackView::kNone)
        return false;
      continue;
    }
    const std::uint64_t hash = seen.hash_of(field);
    if (seen.find(field, hash)) return false;
    seen.insert({.member = field}, hash);
  }
  return true;
}

Result<Entry*> load_from(const ListpackView& pack, std::size_t width, Bytes key,
                         const RdbReader& reader, const LoadOptions& options) {
  Loading hash(key, reader, options);
  hash.prepare(pack.size() / width, pack.total_bytes());
  IntegerText field_room;
  IntegerText value_room;
  for (ElementReader elements{pack, pack.begin()}; elements.at != pack.end();) {
    const Bytes field = elements.next(field_room);
    const Bytes value = elements.next(value_room);
    UnixMs expiry = kNoExpiry;
    if (width == 3) {
      ListpackValue time;
      elements.at = pack.read(elements.at, time);
      if (time.integer != 0) expiry = time.integer;
    }
    TRY_DO(hash.add(field, value, expiry));
  }
  return hash.finish();
}

// That every third element is an expiry; whether they are in order and none is over.
struct Times {
  bool are_valid = true;
  bool can_stay = true;
};
Times check_times(const ListpackView& pack, const LoadOptions& options) {
  Times times;
  UnixMs before = 0;
  for (auto at = pack.begin(); at != pack.end();) {
    ListpackValue time;
    at = pack.read(pack.skip(at, 2), time);
    if (!time.is_integer || time.integer < 0 ||
        static_cast<std::uint64_t>(time.integer) > kExpiryMax)
      return {.are_valid = false, .can_stay = false};
    const UnixMs key = time.integer == 0 ? std::numeric_limits<UnixMs>::max() : time.integer;
    if (key < before || (key < options.now && !options.keep_expired)) times.can_stay = false;
    before = key;
  }
  return times;
}

Result<Entry*> load_packed(const ListpackView& pack, std::size_t width, Bytes key,
                           const RdbReader& reader, const LoadOptions& options) {
  if (pack.size() % width != 0) return reader.corrupt("a listpack with half a field");
  if (pack.empty()) return nullptr;
  bool can_stay = true;
  if (width == 3) {
    const Times times = check_times(pack, options);
    if (!times.are_valid) return reader.corrupt("the expiry of a field is no time");
    can_stay = times.can_stay;
  }
  if (pack.size() / width > options.limits.hash_listpack_entries) can_stay = false;
  if (!can_stay) return load_from(pack, width, key, reader, options);
  if (!has_distinct_fields(pack, width, options.limits.table_secret))
    return reader.corrupt("a field is in a hash twice");
  return Loading(key, reader, options)
      .adopt(pack.bytes(), width == 3 ? Encoding::listpack_ex : Encoding::listpack);
}

Result<Entry*> load_listpack(RdbReader& reader, std::size_t width, Bytes key,
                             const LoadOptions& options) {
  std::string scratch;
  TRY(const Bytes bytes, reader.string(scratch));
  if (!encodings::validate_listpack(bytes, true)) return reader.corrupt("bad listpack of a hash");
  return load_packed(ListpackView(bytes.data()), width, key, reader, options);
}

// The compact containers of old: as if they had been listpacks.
template <class Convert>
Result<Entry*> load_converted(RdbReader& reader, Bytes key, const LoadOptions& options,
                              const Convert& convert) {
  std::string scratch;
  TRY(const Bytes bytes, reader.string(scratch));
  std::optional<Listpack> pack = convert(bytes);
  if (!pack) return reader.corrupt("bad ziplist or zipmap of a hash");
  Result<Entry*> loaded = load_packed(*pack, 2, key, reader, options);
  pack->destroy();
  return loaded;
}

bool is_packed(const Entry& entry) {
  return entry.encoding() == Encoding::listpack ||
         (entry.encoding() == Encoding::listpack_ex &&
          HashView(entry.body()).soonest_expiry() != kNoExpiry);
}

}  // namespace

RdbType hash_rdb_type(const Entry& entry) {
  const bool expires = HashView(entry.body()).soonest_expiry() != kNoExpiry;
  if (is_packed(entry)) return expires ? RdbType::hash_listpack_ex : RdbType::hash_listpack;
  return expires ? RdbType::hash_metadata : RdbType::hash;
}

bool append_hash(std::string& out, const Entry& entry, Compression compression,
                 ValueProgress& progress) {
  const HashView hash(entry.body());
  const UnixMs soonest = hash.soonest_expiry();
  if (progress.next == 0 && soonest != kNoExpiry) {
    char time[sizeof soonest];
    store_to(time, soonest);
    out.append(time, sizeof time);
  }
  if (is_packed(entry)) {
    append_string(out, hash.listpack().bytes(), compression);
    progress.spend(hash.listpack().bytes().size());
    return true;
  }
  if (progress.next == 0) append_length(out, hash.size());
  const auto append_field = [&](const HashField& field) {
    if (soonest != kNoExpiry) {
      const bool expires = field.expiry != kNoExpiry;
      append_length(out, expires ? static_cast<std::uint64_t>(field.expiry - soonest + 1) : 0);
    }
    append_string(out, field.member, compression);
    append_string(out, field.value, compression);
    progress.spend(field.member.size() + field.value.size());
  };
  if (hash.encoding() != Encoding::hashtable) {
    hash.for_each(append_field);
    return true;
  }
  const encodings::PackedTable& table = hash.big().table();
  for (; progress.next < table.bucket_count() && !progress.is_piece_over(); ++progress.next)
    table.visit_bucket(static_cast<std::uint32_t>(progress.next), append_field);
  return progress.next == table.bucket_count();
}

Result<Entry*> load_hash(RdbReader& reader, RdbType type, Bytes key, const LoadOptions& options) {
  if (type == RdbType::hash_zipmap) return load_converted(reader, key, options, listpack_of_zipmap);
  if (type == RdbType::hash_ziplist)
    return load_converted(reader, key, options, listpack_of_ziplist);
  if (type == RdbType::hash_listpack) return load_listpack(reader, 2, key, options);
  if (type == RdbType::hash_listpack_ex) {
    TRY_DO(reader.milliseconds());  // the soonest expiry: the listpack says it too
    return load_listpack(reader, 3, key, options);
  }
  if (type == RdbType::hash_listpack_ex_pre_ga) return load_listpack(reader, 3, key, options);
  if (type == RdbType::hash) return load_pairs(reader, key, options);
  return load_triples(reader, type, key, options);
}

}  // namespace banyan::persist
