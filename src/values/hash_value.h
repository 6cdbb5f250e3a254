// Hash: the value of a key that is a hash; fields with their values, and perhaps an expiry each.
//
// Encodings    listpack      field, value, field, value, ...
//              listpack_ex   field, value, expiry (0: none), ...; by expiry, those without last
//              hashtable     a BigHash
//              A hash becomes listpack_ex when a field first gets an expiry, and hashtable when it
//              outgrows the limits; it never goes back.
// Vocabulary   A field whose expiry is over is still there: what it looks like, and when it is
//              erased, is the commands' affair.
// Invariants   An expiry is above 0. Views of fields and values are valid until the next change of
//              the hash or of the room. What is passed in never points into the hash.
// Threads      Whoever holds the lock of the entry's partition.
// Failure      None; allocation failure terminates.
#pragma once

#include <optional>
#include <span>

#include "encodings/big_hash.h"
#include "encodings/listpack.h"
#include "values/body.h"
#include "values/encoding_limits.h"
#include "values/type.h"

namespace banyan::values {

using HashField = encodings::PackedItem;

// Where the texts of integers go.
struct HashRoom {
  IntegerText member;
  IntegerText value;
};

class HashView {
 public:
  explicit HashView(const Body& body) : body_(&body) {}

  Encoding encoding() const { return body_->encoding(); }
  std::uint64_t size() const;     // fields whose time is over included
  UnixMs soonest_expiry() const;  // kNoExpiry when no field expires
  std::optional<HashField> find(Bytes field, HashRoom& room) const;
  // Each about as likely. The hash must not be empty.
  HashField random_field(Rng& rng, HashRoom& room) const;
  // Number `index` of a hash that is not a hashtable.
  HashField field_at(std::uint64_t index, HashRoom& room) const;

  // fn(const HashField&) for every field.
  template <class Fn>
  void for_each(const Fn& fn) const {
    if (encoding() == Encoding::hashtable) return big().table().for_each(fn);
    HashRoom room;
    const encodings::ListpackView pack = listpack();
    for (auto at = pack.begin(); at != pack.end();) fn(read(at, room));
  }
  // Visits some fields from `cursor` on; returns the next cursor, 0 when it is through.
  template <class Fn>
  std::uint64_t scan(std::uint64_t cursor, const Fn& fn) const {
    if (encoding() == Encoding::hashtable) return big().table().scan(cursor, fn);
    for_each(fn);
    return 0;
  }

  const encodings::BigHash& big() const { return *body_->as<const encodings::BigHash>(); }
  encodings::ListpackView listpack() const { return encodings::ListpackView(body_->pointer()); }

 protected:
  using Position = encodings::ListpackView::Position;
  static constexpr Position kNone = encodings::ListpackView::kNone;
  // Elements of a listpack per field.
  std::size_t width() const { return encoding() == Encoding::listpack_ex ? 3 : 2; }
  // Reads the field at `at`, which moves behind it.
  [[gnu::always_inline]] HashField read(Position& at, HashRoom& room) const {
    const encodings::ListpackView pack = listpack();
    encodings::ListpackValue value;
    HashField field;
    at = pack.read(at, value);
    field.member = value.as_text(room.member);
    at = pack.read(at, value);
    field.value = value.as_text(room.value);
    if (encoding() == Encoding::listpack_ex) {
      at = pack.read(at, value);
      if (value.integer != 0) field.expiry = value.integer;
    }
    return field;
  }
  Position locate(const encodings::ListpackValue& field) const {
    return listpack().find(listpack().first(), field, width() - 1);
  }

  const Body* body_;
};

class Hash : public HashView {
 public:
  explicit Hash(Body& body) : HashView(body) {}

  // For values/collection.cc.
  static void create(Body& body);
  static void destroy(Body body);
  static void copy(Body from, Body& to);
  static std::size_t memory_bytes(Body body, std::size_t samples = kAllBlocks);
  static std::size_t free_effort(Body body);
  // Takes a listpack of either kind as its content: validated, in the right order, not empty.
  static void adopt(Body& body, encodings::Listpack pack, Encoding encoding);

  static constexpr UnixMs kKeepExpiry = -2;

  // Chooses the encoding that will be needed for so many words more, fields and values: once,
  // instead of halfway.
  void prepare(std::span<const Bytes> words, const EncodingLimits& limits);
  void become_hashtable(const EncodingLimits& limits, std::uint64_t fields = 0);
  // True when the field is new. Its expiry becomes `expiry`; kKeepExpiry: what it was, if any.
  bool set(Bytes field, Bytes value, const EncodingLimits& limits, UnixMs expiry = kNoExpiry);
  // False when there is no such field, as it is with erase().
  bool set_expiry(Bytes field, UnixMs expiry);
  bool erase(Bytes field);
  // Erases at most `count` fields whose expiry is before `now`, the soonest first; fn(Bytes field)
  // for each, before.
  template <class Fn>
  void expire(UnixMs now, std::size_t count, const Fn& fn) {
    if (encoding() == Encoding::hashtable) return big().expire(now, count, fn);
    if (encoding() != Encoding::listpack_ex) return;
    HashRoom room;
    encodings::Listpack pack = this->pack();
    std::size_t over = 0;
    for (auto at = pack.begin(); over < count && at != pack.end(); ++over) {
      const HashField field = read(at, room);
      if (field.expiry == kNoExpiry || field.expiry >= now) break;
      fn(field.member);
    }
    if (over == 0) return;
    pack.erase(pack.begin(), 3 * over);
    keep(pack);
  }

 private:
  Body& body() { return const_cast<Body&>(*body_); }  // the constructor's was not const
  encodings::BigHash& big() { return *body_->as<encodings::BigHash>(); }
  encodings::Listpack pack() { return encodings::Listpack(body_->pointer()); }
  void keep(const encodings::Listpack& pack) { body().set(encoding(), pack.data()); }
  void become_listpack_ex();
  bool set_big(Bytes field, Bytes value, UnixMs expiry);
  bool set_packed(Bytes field, Bytes value, UnixMs expiry);
  void insert_by_expiry(const encodings::ListpackValue& field,
                        const encodings::ListpackValue& value, UnixMs expiry);
};

// When the first field of a hash expires; kNoExpiry when none does, or for another type.
inline UnixMs soonest_field_expiry(Type type, const Body& body) {
  return type == Type::hash ? HashView(body).soonest_expiry() : kNoExpiry;
}

}  // namespace banyan::values
