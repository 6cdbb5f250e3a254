// RankedTree: the members of a big sorted set in the order of (score, bytes), with their ranks: a
// B+ tree whose inner nodes know how many members lie below each child.
//
// Vocabulary   A member's *rank* is the number of members before it. A node's *keys* are scores and
//              members side by side: a leaf's are its members, an inner node's are the first member
//              below each child. A *path* is the way from the root to a place in a leaf.
// Invariants   An inner node's keys and sizes are exact, always: no key outlives its member.
//              Leaves are full to 62 and linked both ways. Only what was appended at one end may
//              leave a node with fewer than kNodeMin keys.
//              -0 and 0 are one score; there is no NaN.
// Threads      None of its own.
// Failure      Allocation failure terminates.
//
// The members belong to the caller: the tree frees none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encodings/member.h"

namespace banyan::encodings {

class RankedTree {
 public:
  RankedTree() = default;
  RankedTree(const RankedTree&) = delete;
  RankedTree& operator=(const RankedTree&) = delete;
  ~RankedTree();

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return leaves_ * sizeof(Leaf) + inners_ * sizeof(Inner); }
  std::size_t node_count() const { return leaves_ + inners_; }

  // The tree must be empty; `sorted` is in order. O(n).
  void build(std::span<Member* const> sorted);
  // Not in the tree yet. O(log n), like all that follows.
  void insert(Member* member);
  void erase(const Member* member);
  // Gives a member of the tree another score and its new place.
  void move(Member* member, double score);
  // Takes `count` members from rank `first` on out of the tree and calls visit(Member*) for each,
  // in order. Requires: first + count <= size(). O(count + log n * count / 62).
  template <class Visit>
  void erase_ranks(std::size_t first, std::size_t count, const Visit& visit);

  std::size_t rank_of(const Member* member) const;
  // How many members come before the first for which before(score, member) is false; it must be
  // true for a beginning of the order and false for the rest.
  template <class Before>
  std::size_t rank_where(const Before& before) const;
  // Requires: rank < size().
  Member* at(std::size_t rank) const;
  // Calls visit(const Member&) for `count` members, the first at rank `first`, going up or down.
  // Requires that they exist.
  template <class Visit>
  void visit_up(std::size_t first, std::size_t count, const Visit& visit) const;
  template <class Visit>
  void visit_down(std::size_t first, std::size_t count, const Visit& visit) const;

 private:
  static constexpr unsigned kNodeMax = 62;  // a leaf takes 1 KB, an inner node 2 KB
  static constexpr unsigned kNodeMin = 20;  // below this a node looks for a neighbour
  static constexpr unsigned kJoinMax = 48;  // two nodes with no more keys become one
  static constexpr unsigned kBuildFill = 56;
  static constexpr unsigned kHeightMax = 16;
  static constexpr unsigned kPrefetch = 6;  // members ahead of the one being visited

  struct Node {
    std::uint32_t count = 0;
    double scores[kNodeMax];
    Member* members[kNodeMax];
  };
  struct Leaf : Node {
    Leaf* previous = nullptr;
    Leaf* next = nullptr;
  };
  struct Inner : Node {
    Node* children[kNodeMax];
    std::uint64_t sizes[kNodeMax];
  };
  struct Child {
    Node* node;
    Member* first;
    std::uint64_t size;
  };
  struct Step {
    Inner* node;
    unsigned child;
  };
  struct Path {
    Step steps[kHeightMax];  // height_ of them, the root's first
    Leaf* leaf;
    unsigned index;
  };
  struct Place {
    Leaf* leaf;
    unsigned index;
  };

  template <class Before>
  static unsigned partition(const Node& node, const Before& before);
  template <class N>
  static void open_gap(N& node, unsigned at, unsigned count);
  template <class N>
  static void close_gap(N& node, unsigned at, unsigned count);
  template <class N>
  static void copy_keys(const N& from, unsigned from_at, N& to, unsigned to_at, unsigned count);
  template <class N>
  static bool join(N& left, N& right);
  static std::uint64_t size_of(const Inner& node);

  Path path_to(const Member* member) const;
  Path path_to_rank(std::size_t rank) const;
  Place place_at(std::size_t rank) const;
  void make_room(Path& path, Member* member);
  bool shift_to_next(Path& path);
  bool shift_to_previous(Path& path);
  void split_leaf(Path& path, Member* member);
  void add_child(Path& path, unsigned depth, const Child& added);
  void erase_run(Path& path, unsigned count);
  void settle(Path& path);
  void join_children(Inner& parent, unsigned left, bool are_leaves);
  void drop_child(Inner& parent, unsigned child, bool is_leaf);
  static void refresh(Inner& parent, unsigned child, bool is_leaf);
  static void renew_firsts(Path& path, unsigned depth);
  void shrink_root();
  std::vector<Node*> build_level(const std::vector<Node*>& below);
  void destroy(Node* node, unsigned height);

  Node* root_ = nullptr;
  unsigned height_ = 0;  // inner levels
  std::size_t size_ = 0;
  std::size_t leaves_ = 0;
  std::size_t inners_ = 0;
};

template <class Before>
unsigned RankedTree::partition(const Node& node, const Before& before) {
  unsigned low = 0;
  for (unsigned left = node.count; left > 0;) {
    const unsigned half = left / 2;
    const bool is_before = before(node.scores[low + half], node.members[low + half]);
    low = is_before ? low + half + 1 : low;
    left = is_before ? left - half - 1 : half;
  }
  return low;
}

template <class Before>
std::size_t RankedTree::rank_where(const Before& before) const {
  if (root_ == nullptr) return 0;
  std::size_t rank = 0;
  const Node* node = root_;
  for (unsigned level = height_; level > 0; --level) {
    const auto& inner = static_cast<const Inner&>(*node);
    const unsigned at = partition(inner, before);
    if (at == 0) return rank;
    for (unsigned i = 0; i < at - 1; ++i) rank += inner.sizes[i];
    node = inner.children[at - 1];
  }
  return rank + partition(*node, before);
}

template <class Visit>
void RankedTree::visit_up(std::size_t first, std::size_t count, const Visit& visit) const {
  if (count == 0) return;
  const Place place = place_at(first);
  const Leaf* leaf = place.leaf;
  for (unsigned i = place.index; count > 0; leaf = leaf->next, i = 0) {
    for (; i < leaf->count && count > 0; ++i, --count) {
      if (i + kPrefetch < leaf->count) __builtin_prefetch(leaf->members[i + kPrefetch]);
      visit(static_cast<const Member&>(*leaf->members[i]));
    }
  }
}

template <class Visit>
void RankedTree::visit_down(std::size_t first, std::size_t count, const Visit& visit) const {
  if (count == 0) return;
  const Place place = place_at(first);
  const Leaf* leaf = place.leaf;
  for (unsigned left = place.index + 1;;) {
    for (; left > 0 && count > 0; --left, --count) {
      if (left > kPrefetch) __builtin_prefetch(leaf->members[left - 1 - kPrefetch]);
      visit(static_cast<const Member&>(*leaf->members[left - 1]));
    }
    if (count == 0) return;
    leaf = leaf->previous;
    left = leaf->count;
  }
}

template <class Visit>
void RankedTree::erase_ranks(std::size_t first, std::size_t count, const Visit& visit) {
  while (count > 0) {
    Path path = path_to_rank(first);
    const auto run =
        static_cast<unsigned>(std::min<std::size_t>(count, path.leaf->count - path.index));
    Member* taken[kNodeMax];
    std::copy_n(path.leaf->members + path.index, run, taken);
    erase_run(path, run);
    for (unsigned i = 0; i < run; ++i) visit(taken[i]);
    count -= run;
  }
}

}  // namespace banyan::encodings
