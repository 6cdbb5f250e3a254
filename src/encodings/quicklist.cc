#include "encodings/quicklist.h"

#include <utility>

namespace banyan::encodings {
namespace {

// What Redis adds to an element's size before it asks whether a node has room for it.
constexpr std::size_t kEntryOverheadBytes = 8;

}  // namespace

Quicklist::Quicklist(const Quicklist& other) : size_(other.size_), limits_(other.limits_) {
  for (const ListNode& node : other.nodes_) nodes_.push_back(node.copy());
}

std::size_t Quicklist::memory_bytes(std::size_t samples) const {
  const std::size_t seen = std::min(samples, nodes_.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < seen; ++i) bytes += nodes_[i].memory_bytes();
  if (seen < nodes_.size()) bytes = estimated_bytes(bytes, seen, nodes_.size());
  return sizeof *this + nodes_.size() * sizeof(ListNode) + bytes;
}

Quicklist::Place Quicklist::find(std::size_t index) const {
  if (index < size_ / 2) {
    std::size_t node = 0;
    for (; index >= nodes_[node].count(); ++node) index -= nodes_[node].count();
    return {node, index};
  }
  std::size_t behind = size_ - index;  // the elements from `index` on
  std::size_t node = nodes_.size() - 1;
  for (; behind > nodes_[node].count(); --node) behind -= nodes_[node].count();
  return {node, nodes_[node].count() - behind};
}

bool Quicklist::has_room(const ListNode& node, const ListpackValue& value) const {
  if (node.is_plain() || is_plain(value)) return false;
  const std::size_t bytes = node.bytes() + value.text.size() + kEntryOverheadBytes;
  return !limits_.exceeded_by(bytes, node.count() + 1);
}

bool Quicklist::has_room(std::size_t node, const ListpackValue& value) const {
  return node < nodes_.size() && has_room(nodes_[node], value);
}

bool Quicklist::could_hold(std::size_t node, const ListpackValue& value) const {
  if (is_plain(value)) return false;
  const std::size_t bytes = nodes_[node].bytes() + value.text.size() + kEntryOverheadBytes;
  return nodes_[node].is_plain() || bytes <= ListpackView::kGrowthBytesMax;
}

// --- Compression. Ends are always as they are; what is inside is compressed again after each use.

bool Quicklist::is_inside(std::size_t node) const {
  const auto depth = static_cast<std::size_t>(std::max(limits_.compress_depth, 0));
  return depth != 0 && node >= depth && node + depth < nodes_.size();
}

void Quicklist::settle(std::size_t node) {
  if (node >= nodes_.size()) return;
  if (is_inside(node)) {
    nodes_[node].compress();
  } else {
    nodes_[node].decompress();
  }
}

// After nodes came or went: those that moved across the border between ends and inside.
void Quicklist::settle_ends() {
  if (limits_.compress_depth <= 0) return;
  const std::size_t depth =
      std::min(static_cast<std::size_t>(limits_.compress_depth), nodes_.size());
  for (std::size_t i = 0; i <= depth; ++i) {
    settle(i);
    if (i < nodes_.size()) settle(nodes_.size() - 1 - i);
  }
}

void Quicklist::put_node(std::size_t node, ListNode fresh) {
  if (node == 0) {
    if (!nodes_.empty()) nodes_.front().trim();
    nodes_.push_front(std::move(fresh));
  } else if (node == nodes_.size()) {
    nodes_.back().trim();
    nodes_.push_back(std::move(fresh));
  } else {
    nodes_.insert(at(node), std::move(fresh));
  }
  settle(node);
  settle_ends();
}

void Quicklist::drop_nodes(std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) size_ -= nodes_[i].count();
  nodes_.erase(at(first), at(first + count));
  settle_ends();
}

// --- Changes.

void Quicklist::push(ListEnd end, const ListpackValue& value) {
  const bool head = end == ListEnd::head;
  ++size_;
  if (!nodes_.empty()) {
    ListNode& node = head ? nodes_.front() : nodes_.back();
    if (has_room(node, value)) [[likely]]
      return node.push(end, value);
  }
  put_node(head ? 0 : nodes_.size(), make_node(value));
}

void Quicklist::insert(std::size_t index, bool behind, const ListpackValue& value) {
  insert_at(find(index), behind, value);
}

void Quicklist::insert_at(Place place, bool behind, const ListpackValue& value) {
  const std::size_t count = nodes_[place.node].count();
  const bool at_edge = behind ? place.offset + 1 == count : place.offset == 0;
  const std::size_t neighbour = behind ? place.node + 1 : place.node - 1;  // may be none: wraps
  if (!could_hold(place.node, value)) {
    insert_plain(place, behind, value);
  } else if (has_room(place.node, value)) {
    nodes_[place.node].decompress();
    nodes_[place.node].insert(place.offset + (behind ? 1 : 0), value);
    settle(place.node);
  } else if (at_edge && has_room(neighbour, value)) {
    nodes_[neighbour].decompress();
    nodes_[neighbour].push(behind ? ListEnd::head : ListEnd::tail, value);
    settle(neighbour);
  } else if (at_edge) {
    put_node(behind ? place.node + 1 : place.node, ListNode::of(value));
  } else {
    split_for(place, behind, value);
  }
  ++size_;
}

void Quicklist::insert_plain(Place place, bool behind, const ListpackValue& value) {
  const std::size_t cut = place.offset + (behind ? 1 : 0);
  ListNode& node = nodes_[place.node];
  if (cut != 0 && cut != node.count()) {
    node.decompress();
    put_node(place.node + 1, node.split(cut));
    settle(place.node);
  }
  put_node(cut == 0 ? place.node : place.node + 1, ListNode::plain(value.text));
}

void Quicklist::split_for(Place place, bool behind, const ListpackValue& value) {
  ListNode& node = nodes_[place.node];
  node.decompress();
  ListNode right = node.split(place.offset + (behind ? 1 : 0));
  if (behind) {
    right.push(ListEnd::head, value);
  } else {
    node.push(ListEnd::tail, value);
  }
  put_node(place.node + 1, std::move(right));
  settle(place.node);
  merge_around(behind ? place.node : place.node + 1);
}

bool Quicklist::merge_with_next(std::size_t node) {
  if (node + 1 >= nodes_.size()) return false;
  const ListNode& left = nodes_[node];
  const ListNode& right = nodes_[node + 1];
  if (left.is_plain() || right.is_plain()) return false;
  const std::size_t bytes = left.bytes() + right.bytes() - ListpackView::kEmptyBytes;
  if (limits_.exceeded_by(bytes, left.count() + right.count())) return false;
  nodes_[node].decompress();
  nodes_[node + 1].decompress();
  nodes_[node].append_all(nodes_[node + 1]);
  nodes_.erase(at(node + 1));
  settle(node);
  settle_ends();
  return true;
}

// In Redis's order, which decides which nodes are joined: the two before, the two behind, then
// `node` with its neighbours.
void Quicklist::merge_around(std::size_t node) {
  if (node >= 2 && merge_with_next(node - 2)) --node;
  merge_with_next(node + 1);
  if (node >= 1 && merge_with_next(node - 1)) --node;
  merge_with_next(node);
}

void Quicklist::replace(std::size_t index, const ListpackValue& value) {
  const Place place = find(index);
  ListNode& node = nodes_[place.node];
  const bool stays = !node.is_plain() && could_hold(place.node, value);
  if (stays) {
    node.decompress();
    node.replace(place.offset, value);
    settle(place.node);
  } else if (node.is_plain() && is_plain(value)) {
    node = ListNode::plain(value.text);
    settle(place.node);
  } else {
    insert_at(place, true, value);
    erase(index, 1);
  }
}

// A part of the node, or all of it.
void Quicklist::erase_in(std::size_t node, std::size_t first, std::size_t count) {
  if (count == nodes_[node].count()) return drop_nodes(node, 1);
  nodes_[node].decompress();
  nodes_[node].erase(first, count);
  size_ -= count;
  settle(node);
}

void Quicklist::erase(std::size_t index, std::size_t count) {
  if (count == 0) return;
  Place place = find(index);
  if (place.offset != 0) {
    const std::size_t part = std::min(count, nodes_[place.node].count() - place.offset);
    erase_in(place.node, place.offset, part);
    count -= part;
    ++place.node;
  }
  std::size_t whole = 0;
  for (; count != 0 && nodes_[place.node + whole].count() <= count; ++whole)
    count -= nodes_[place.node + whole].count();
  if (whole != 0) drop_nodes(place.node, whole);
  if (count != 0) erase_in(place.node, 0, count);
}

std::size_t Quicklist::remove(ListEnd from, std::size_t count_max, const ListpackValue& value) {
  ListNode::Scratch scratch;
  std::size_t removed = 0;
  bool is_any_empty = false;
  for (std::size_t i = 0; i < nodes_.size() && removed < count_max; ++i) {
    const std::size_t number = from == ListEnd::head ? i : nodes_.size() - 1 - i;
    ListNode& node = nodes_[number];
    const Bytes raw = node.raw(scratch);
    const std::size_t matches =
        node.is_plain() ? (raw == value.text ? 1 : 0) : ListpackView(raw.data()).count_equal(value);
    const std::size_t part = std::min(matches, count_max - removed);
    if (part == 0) continue;
    removed += part;
    if (part == node.count()) {
      node.clear();
      is_any_empty = true;
    } else {
      node.decompress();
      node.erase_equal(value, from == ListEnd::head ? 0 : matches - part, part);
      settle(number);
    }
  }
  size_ -= removed;
  if (is_any_empty) {
    std::erase_if(nodes_, [](const ListNode& node) { return node.count() == 0; });
    settle_ends();
  }
  return removed;
}

void Quicklist::append(ListNode node) {
  size_ += node.count();
  put_node(nodes_.size(), std::move(node));
}

Listpack Quicklist::release_only_pack() {
  Listpack pack = nodes_.front().release_pack();
  nodes_.clear();
  size_ = 0;
  return pack;
}

}  // namespace banyan::encodings
