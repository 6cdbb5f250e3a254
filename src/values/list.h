// List: the value of a list key, in either encoding: one listpack while it is small, a quicklist
// when it is not.
//
// Vocabulary   See quicklist.h. Elements are made by ListpackValue::of(); their texts must not lie
//              in the list that is changed.
// Invariants   The encoding changes as in Redis: to a quicklist before a list would outgrow
//              list-max-listpack-size, back once what was taken away leaves one node of half that.
//              A list that became empty is to be erased: only create() makes an empty one.
// Threads      Whoever holds the lock of the entry's partition.
// Failure      Allocation failure terminates.
#pragma once

#include <span>

#include "encodings/quicklist.h"
#include "values/body.h"
#include "values/encoding_limits.h"

namespace banyan::values {

class ListView {
 public:
  explicit ListView(Body body) : body_(body) {}

  std::size_t size() const { return is_listpack() ? pack().size() : quicklist().size(); }
  // Not of an empty list. The view is valid until a change.
  encodings::ListpackValue peek(encodings::ListEnd end) const {
    if (!is_listpack()) return quicklist().peek(end);
    return pack().get(end == encodings::ListEnd::head ? pack().begin()
                                                      : pack().before(pack().end()));
  }
  // See Quicklist::visit().
  template <class Visit>
  void visit(std::size_t index, std::size_t count, bool backward, Visit visit) const {
    if (!is_listpack()) return quicklist().visit(index, count, backward, visit);
    if (count != 0) encodings::visit_listpack(pack(), index, count, backward, visit);
  }
  template <class Visit>
  void visit_all(Visit visit_one) const {
    visit(0, size(), false, [&](const encodings::ListpackValue& value) {
      visit_one(value);
      return true;
    });
  }

  bool is_listpack() const { return body_.encoding() == Encoding::listpack; }
  encodings::ListpackView pack() const { return encodings::ListpackView(body_.pointer()); }
  const encodings::Quicklist& quicklist() const { return *body_.as<encodings::Quicklist>(); }

 protected:
  Body body_;
};

class List : public ListView {
 public:
  // Works on `body` in place.
  List(Body& body, const EncodingLimits& limits) : ListView(body), home_(body), limits_(limits) {}

  // As if `texts` were to be added: may turn it into a quicklist. Redis does so before it knows
  // whether LINSERT will find its place.
  void expect(std::span<const Bytes> texts);
  void push(encodings::ListEnd end, std::span<const Bytes> texts);
  void pop(encodings::ListEnd end) { erase(end == encodings::ListEnd::head ? 0 : size() - 1, 1); }
  void erase(std::size_t index, std::size_t count);
  // Call expect() first.
  void replace(std::size_t index, const encodings::ListpackValue& value);
  void insert(std::size_t index, bool behind, const encodings::ListpackValue& value);
  // See Quicklist::remove().
  std::size_t remove(encodings::ListEnd from, std::size_t count_max,
                     const encodings::ListpackValue& value);
  // What every removal ends with: back to a listpack, if it is small by now.
  void shrink() { shrink_to(2); }
  // For loading: an empty quicklist in place of what it is, to be filled. settle() then chooses the
  // encoding that its size calls for.
  encodings::Quicklist& refill();
  void settle();

  static void create(Body& body);
  static void destroy(Body body);
  static void copy(Body from, Body& to);
  static std::size_t memory_bytes(Body body, std::size_t samples = kAllBlocks);
  static std::size_t free_effort(Body body);

 private:
  void keep(Encoding encoding, void* pointer) {
    body_.set(encoding, pointer);
    home_ = body_;
  }
  template <class Change>
  void change_pack(Change change);
  encodings::Quicklist& open_quicklist();
  void become_quicklist();
  void shrink_to(std::size_t divisor);

  Body& home_;
  const EncodingLimits& limits_;
};

}  // namespace banyan::values
