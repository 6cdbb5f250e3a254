// Quicklist: a long list as a row of nodes, each a listpack of a few kilobytes or one large
// element.
//
// Vocabulary   A *node*: see list_node.h. An *index* counts elements from the head.
//              The first and last `compress_depth` nodes are kept as they are, those between
//              compressed.
// Invariants   No node is empty. Where nodes begin and end is as in Redis for the same sequence of
//              changes, so that OBJECT ENCODING changes when Redis's does.
// Threads      None; the owner's. Reading changes nothing: compressed nodes are unpacked aside.
// Failure      Allocation failure terminates.
#pragma once

#include <deque>

#include "encodings/block_estimate.h"
#include "encodings/list_limits.h"
#include "encodings/list_node.h"

namespace banyan::encodings {

class Quicklist {
 public:
  explicit Quicklist(const ListLimits& limits) : limits_(limits) {}
  Quicklist(const Quicklist& other);
  Quicklist& operator=(const Quicklist&) = delete;

  std::size_t size() const { return size_; }
  const std::deque<ListNode>& nodes() const { return nodes_; }
  const ListLimits& limits() const { return limits_; }
  // The one limit that also concerns lists that are there already.
  void set_plain_bytes_min(std::size_t bytes) { limits_.plain_bytes_min = bytes; }
  // Estimated from the first `samples` nodes.
  std::size_t memory_bytes(std::size_t samples = kAllBlocks) const;

  // Not of an empty list. The view is valid until a change.
  ListpackValue peek(ListEnd end) const {
    return (end == ListEnd::head ? nodes_.front() : nodes_.back()).value_at(end);
  }
  // Calls visit(const ListpackValue&) for `count` elements from number `index` on, towards the
  // tail, or towards the head when `backward`, until it returns false. They must be there.
  template <class Visit>
  void visit(std::size_t index, std::size_t count, bool backward, Visit visit) const;

  // The values given are made by ListpackValue::of() and do not lie in this list.
  void push(ListEnd end, const ListpackValue& value);
  void replace(std::size_t index, const ListpackValue& value);
  // In front of or behind the element number `index`.
  void insert(std::size_t index, bool behind, const ListpackValue& value);
  void erase(std::size_t index, std::size_t count);
  // Erases elements equal to `value`, from that end on, `count_max` at most; tells how many.
  std::size_t remove(ListEnd from, std::size_t count_max, const ListpackValue& value);

  // For loading: whole nodes, of whatever size. They become the list's own; not empty.
  void append(ListNode node);
  // The listpack of a list of one node, when it is not plain; the list is empty then.
  Listpack release_only_pack();

 private:
  struct Place {
    std::size_t node;
    std::size_t offset;  // in the node
  };
  Place find(std::size_t index) const;
  bool is_plain(const ListpackValue& value) const {
    return value.text.size() >= limits_.plain_bytes_min;
  }
  bool has_room(const ListNode& node, const ListpackValue& value) const;
  bool has_room(std::size_t node, const ListpackValue& value) const;
  // False when it needs a node of its own: because of its size, or the node's. A list from
  // outside may have nodes of any size, and elements can be replaced by larger ones.
  bool could_hold(std::size_t node, const ListpackValue& value) const;
  ListNode make_node(const ListpackValue& value) const {
    return is_plain(value) ? ListNode::plain(value.text) : ListNode::of(value);
  }
  auto at(std::size_t node) { return nodes_.begin() + static_cast<std::ptrdiff_t>(node); }

  void insert_at(Place place, bool behind, const ListpackValue& value);
  void insert_plain(Place place, bool behind, const ListpackValue& value);
  void split_for(Place place, bool behind, const ListpackValue& value);
  void put_node(std::size_t node, ListNode fresh);
  void drop_nodes(std::size_t first, std::size_t count);
  void erase_in(std::size_t node, std::size_t first, std::size_t count);
  bool merge_with_next(std::size_t node);
  void merge_around(std::size_t node);

  bool is_inside(std::size_t node) const;
  void settle(std::size_t node);
  void settle_ends();

  std::deque<ListNode> nodes_;
  std::size_t size_ = 0;
  ListLimits limits_;
};

// The body of Quicklist::visit for one listpack; also what lists of one listpack use.
template <class Visit>
bool visit_listpack(ListpackView pack, std::size_t index, std::size_t count, bool backward,
                    Visit& visit) {
  ListpackValue value;
  auto at = pack.at(static_cast<std::int64_t>(index));
  if (!backward) {
    for (; count != 0; --count) {
      at = pack.read(at, value);
      if (!visit(static_cast<const ListpackValue&>(value))) return false;
    }
    return true;
  }
  for (; count != 0; --count, at = pack.previous(at)) {
    pack.read(at, value);
    if (!visit(static_cast<const ListpackValue&>(value))) return false;
  }
  return true;
}

template <class Visit>
void Quicklist::visit(std::size_t index, std::size_t count, bool backward, Visit visit) const {
  ListNode::Scratch scratch;
  if (count == 0) return;
  Place place = find(index);
  while (true) {
    const ListNode& node = nodes_[place.node];
    const std::size_t here = backward ? place.offset + 1 : node.count() - place.offset;
    const std::size_t part = std::min(count, here);
    const Bytes raw = node.raw(scratch);
    if (node.is_plain()) {
      const ListpackValue value{raw, 0, false};
      if (!visit(value)) return;
    } else if (!visit_listpack(ListpackView(raw.data()), place.offset, part, backward, visit)) {
      return;
    }
    count -= part;
    if (count == 0) return;
    place.node = backward ? place.node - 1 : place.node + 1;
    place.offset = backward ? nodes_[place.node].count() - 1 : 0;
  }
}

}  // namespace banyan::encodings
