#include "values/hash_value.h"

#include <algorithm>
#include <string>

#include "encodings/allocation_class.h"

namespace banyan::values {

using encodings::BigHash;
using encodings::Listpack;
using encodings::ListpackValue;

std::uint64_t HashView::size() const {
  return encoding() == Encoding::hashtable ? big().size() : listpack().size() / width();
}

UnixMs HashView::soonest_expiry() const {
  if (encoding() == Encoding::hashtable) return big().soonest_expiry();
  if (encoding() != Encoding::listpack_ex || listpack().empty()) return kNoExpiry;
  const std::int64_t expiry = listpack().get(listpack().skip(listpack().begin(), 2)).integer;
  return expiry == 0 ? kNoExpiry : expiry;
}

std::optional<HashField> HashView::find(Bytes field, HashRoom& room) const {
  if (encoding() == Encoding::hashtable) {
    const auto slot = big().table().find(field);
    if (!slot) return std::nullopt;
    return big().table().item(slot);
  }
  Position at = locate(ListpackValue::of(field));
  if (at == kNone) return std::nullopt;
  return read(at, room);
}

HashField HashView::field_at(std::uint64_t index, HashRoom& room) const {
  Position at = listpack().at(static_cast<std::int64_t>(index * width()));
  return read(at, room);
}

HashField HashView::random_field(Rng& rng, HashRoom& room) const {
  if (encoding() == Encoding::hashtable) return big().table().random_item(rng);
  return field_at(rng.below(size()), room);
}

void Hash::create(Body& body) { body.set(Encoding::listpack, Listpack::make().data()); }

void Hash::destroy(Body body) {
  if (body.encoding() == Encoding::hashtable) {
    delete body.as<BigHash>();
  } else {
    Listpack(body.pointer()).destroy();
  }
}

void Hash::copy(Body from, Body& to) {
  if (from.encoding() == Encoding::hashtable) {
    to.set(Encoding::hashtable, from.as<BigHash>()->clone().release());
  } else {
    to.set(from.encoding(), Listpack::copy_of(HashView(from).listpack().bytes()).data());
  }
}

std::size_t Hash::memory_bytes(Body body, std::size_t) {
  if (body.encoding() == Encoding::hashtable) return body.as<BigHash>()->memory_bytes();
  return encodings::allocation_class(HashView(body).listpack().total_bytes());
}

std::size_t Hash::free_effort(Body body) {
  if (body.encoding() == Encoding::hashtable) return body.as<BigHash>()->table().free_effort();
  return 1;
}

void Hash::adopt(Body& body, Listpack pack, Encoding encoding) {
  destroy(body);
  body.set(encoding, pack.data());
}

void Hash::become_hashtable(const EncodingLimits& limits, std::uint64_t fields) {
  if (encoding() == Encoding::hashtable) return;
  auto made = std::make_unique<BigHash>(limits.table_secret);
  const std::uint64_t size = this->size();
  made->reserve(std::max(fields, size),
                listpack().total_bytes() / std::max<std::uint64_t>(size, 1));
  for_each([&](const HashField& f) { made->insert(f, made->table().hash_of(f.member)); });
  pack().destroy();
  body().set(Encoding::hashtable, made.release());
}

void Hash::become_listpack_ex() {
  Listpack made = Listpack::make();
  const encodings::ListpackView from = listpack();
  for (auto at = from.begin(); at != from.end();) {
    ListpackValue triple[3] = {{}, {}, ListpackValue::of_integer(0)};
    at = from.read(at, triple[0]);
    at = from.read(at, triple[1]);
    made.insert(made.end(), triple);
  }
  pack().destroy();
  body().set(Encoding::listpack_ex, made.data());
}

void Hash::prepare(std::span<const Bytes> words, const EncodingLimits& limits) {
  if (encoding() == Encoding::hashtable) return;
  if (words.size() / 2 > limits.hash_listpack_entries)
    return become_hashtable(limits, words.size() / 2);
  std::size_t sum = 0;
  for (const Bytes word : words) {
    if (word.size() > limits.hash_listpack_value_bytes) return become_hashtable(limits);
    sum += word.size();
  }
  if (!listpack().fits(sum)) become_hashtable(limits);
}

bool Hash::set(Bytes field, Bytes value, const EncodingLimits& limits, UnixMs expiry) {
  if (encoding() == Encoding::hashtable) return set_big(field, value, expiry);
  const std::size_t longest = std::max(field.size(), value.size());
  if (longest > limits.hash_listpack_value_bytes || !listpack().fits(field.size() + value.size())) {
    become_hashtable(limits);
    return set_big(field, value, expiry);
  }
  const bool is_new = set_packed(field, value, expiry);
  if (is_new && size() > limits.hash_listpack_entries) become_hashtable(limits);
  return is_new;
}

bool Hash::set_big(Bytes field, Bytes value, UnixMs expiry) {
  const std::uint64_t hash = big().table().hash_of(field);
  const auto slot = big().table().find(field, hash);
  if (!slot) {
    big().insert({field, value, expiry == kKeepExpiry ? kNoExpiry : expiry}, hash);
    return true;
  }
  if (expiry == kKeepExpiry) expiry = big().table().item(slot).expiry;
  big().replace(slot, hash, value, expiry);
  return false;
}

bool Hash::set_packed(Bytes field, Bytes value, UnixMs expiry) {
  const ListpackValue pair[2] = {ListpackValue::of(field), ListpackValue::of(value)};
  if (expiry >= 0 && encoding() == Encoding::listpack) become_listpack_ex();
  Listpack pack = this->pack();
  const Position at = locate(pair[0]);
  if (encoding() == Encoding::listpack) {
    if (at != kNone) {
      pack.replace(pack.after(at), pair[1]);
    } else {
      pack.insert(pack.end(), pair);
    }
    keep(pack);
    return at == kNone;
  }
  if (at != kNone) {
    const std::int64_t before = pack.get(pack.skip(at, 2)).integer;
    const std::int64_t wanted = expiry == kNoExpiry ? 0 : expiry;
    if (expiry == kKeepExpiry || before == wanted) {
      pack.replace(pack.after(at), pair[1]);
      keep(pack);
      return false;
    }
    pack.erase(at, 3);
    keep(pack);
  }
  insert_by_expiry(pair[0], pair[1], expiry);
  return at == kNone;
}

void Hash::insert_by_expiry(const ListpackValue& field, const ListpackValue& value, UnixMs expiry) {
  Listpack pack = this->pack();
  const std::int64_t wanted = expiry < 0 ? 0 : expiry;
  Position at = wanted == 0 ? pack.end() : pack.begin();
  while (at != pack.end()) {
    ListpackValue other;
    const Position behind = pack.read(pack.skip(at, 2), other);
    if (other.integer == 0 || other.integer >= wanted) break;
    at = behind;
  }
  const ListpackValue triple[3] = {field, value, ListpackValue::of_integer(wanted)};
  pack.insert(at, triple);
  keep(pack);
}

bool Hash::set_expiry(Bytes field, UnixMs expiry) {
  if (encoding() == Encoding::hashtable) {
    const std::uint64_t hash = big().table().hash_of(field);
    const auto slot = big().table().find(field, hash);
    if (slot) big().replace(slot, hash, big().table().item(slot).value, expiry);
    return static_cast<bool>(slot);
  }
  HashRoom room;
  const auto found = find(field, room);
  if (!found) return false;
  if (found->expiry == expiry) return true;
  set_packed(field, std::string(found->value), expiry);
  return true;
}

bool Hash::erase(Bytes field) {
  if (encoding() == Encoding::hashtable) {
    const auto slot = big().table().find(field);
    if (slot) big().erase(slot);
    return static_cast<bool>(slot);
  }
  const Position at = locate(ListpackValue::of(field));
  if (at == kNone) return false;
  Listpack pack = this->pack();
  pack.erase(at, width());
  keep(pack);
  return true;
}

}  // namespace banyan::values
