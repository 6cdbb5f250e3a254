#include "encodings/ranked_tree.h"

#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

namespace banyan::encodings {
namespace {

// Is the key (score, member) before `wanted`?
struct BeforeMember {
  explicit BeforeMember(const Member& wanted) : score(wanted.score()), text(wanted.text()) {}
  bool operator()(double s, const Member* m) const {
    return s < score || (s == score && m->text() < text);
  }
  double score;
  Bytes text;
};

}  // namespace

RankedTree::~RankedTree() {
  if (root_ != nullptr) destroy(root_, height_);
}

void RankedTree::destroy(Node* node, unsigned height) {
  if (height == 0) {
    delete static_cast<Leaf*>(node);
    return;
  }
  auto* inner = static_cast<Inner*>(node);
  for (unsigned i = 0; i < inner->count; ++i) destroy(inner->children[i], height - 1);
  delete inner;
}

// --- Keys within nodes.

template <class N>
void RankedTree::copy_keys(const N& from, unsigned from_at, N& to, unsigned to_at, unsigned count) {
  // Within one node too: towards the end or the beginning.
  const auto move = [&](const auto* source, auto* target) {
    std::memmove(target + to_at, source + from_at, count * sizeof *source);
  };
  move(from.scores, to.scores);
  move(from.members, to.members);
  if constexpr (std::is_same_v<N, Inner>) {
    move(from.children, to.children);
    move(from.sizes, to.sizes);
  }
}

template <class N>
void RankedTree::open_gap(N& node, unsigned at, unsigned count) {
  copy_keys(node, at, node, at + count, node.count - at);
  node.count += count;
}

template <class N>
void RankedTree::close_gap(N& node, unsigned at, unsigned count) {
  copy_keys(node, at + count, node, at, node.count - at - count);
  node.count -= count;
}

std::uint64_t RankedTree::size_of(const Inner& node) {
  return std::accumulate(node.sizes, node.sizes + node.count, std::uint64_t{0});
}

void RankedTree::refresh(Inner& parent, unsigned child, bool is_leaf) {
  const Node& node = *parent.children[child];
  parent.scores[child] = node.scores[0];
  parent.members[child] = node.members[0];
  parent.sizes[child] = is_leaf ? node.count : size_of(static_cast<const Inner&>(node));
}

// The first key of the node at `depth` of the path may be another: tells the nodes above.
void RankedTree::renew_firsts(Path& path, unsigned depth) {
  for (; depth > 0; --depth) {
    const auto [node, child] = path.steps[depth - 1];
    node->scores[child] = node->children[child]->scores[0];
    node->members[child] = node->children[child]->members[0];
    if (child != 0) return;
  }
}

// --- Finding.

RankedTree::Path RankedTree::path_to(const Member* member) const {
  const BeforeMember before(*member);
  Path path;
  Node* node = root_;
  for (unsigned depth = 0; depth < height_; ++depth) {
    auto* inner = static_cast<Inner*>(node);
    unsigned child = partition(*inner, before);
    if (child == inner->count || inner->members[child] != member) --child;
    path.steps[depth] = {inner, child};
    node = inner->children[child];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.index = partition(*node, before);
  DCHECK(path.index < node->count && node->members[path.index] == member);
  return path;
}

RankedTree::Path RankedTree::path_to_rank(std::size_t rank) const {
  Path path;
  Node* node = root_;
  for (unsigned depth = 0; depth < height_; ++depth) {
    auto* inner = static_cast<Inner*>(node);
    unsigned child = 0;
    for (; rank >= inner->sizes[child]; ++child) rank -= inner->sizes[child];
    path.steps[depth] = {inner, child};
    node = inner->children[child];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.index = static_cast<unsigned>(rank);
  return path;
}

RankedTree::Place RankedTree::place_at(std::size_t rank) const {
  DCHECK(rank < size_);
  Node* node = root_;
  for (unsigned depth = 0; depth < height_; ++depth) {
    const auto* inner = static_cast<Inner*>(node);
    unsigned child = 0;
    for (; rank >= inner->sizes[child]; ++child) rank -= inner->sizes[child];
    node = inner->children[child];
  }
  return {static_cast<Leaf*>(node), static_cast<unsigned>(rank)};
}

Member* RankedTree::at(std::size_t rank) const {
  const Place place = place_at(rank);
  return place.leaf->members[place.index];
}

std::size_t RankedTree::rank_of(const Member* member) const {
  return rank_where(BeforeMember(*member));
}

// --- Inserting.

void RankedTree::insert(Member* member) {
  if (root_ == nullptr) {
    root_ = new Leaf();
    ++leaves_;
  }
  const BeforeMember before(*member);
  Path path;
  Node* node = root_;
  for (unsigned depth = 0; depth < height_; ++depth) {
    auto* inner = static_cast<Inner*>(node);
    unsigned child = partition(*inner, before);
    if (child > 0) {
      --child;
    } else {
      inner->scores[0] = member->score();
      inner->members[0] = member;
    }
    ++inner->sizes[child];
    path.steps[depth] = {inner, child};
    node = inner->children[child];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.index = partition(*node, before);
  const bool is_full = node->count == kNodeMax;
  if (is_full) make_room(path, member);
  open_gap(*path.leaf, path.index, 1);
  path.leaf->scores[path.index] = member->score();
  path.leaf->members[path.index] = member;
  ++size_;
  // A root that was made for two halves of a leaf knows the first that lay in it, not the member
  // that now comes before.
  if (is_full && height_ == 1 && path.index == 0 && path.leaf->previous == nullptr) {
    root_->scores[0] = member->score();
    root_->members[0] = member;
  }
}

// The path's leaf is full: makes the path lead to one with room, which the sizes above then count
// the new member for.
void RankedTree::make_room(Path& path, Member* member) {
  const bool appends = path.index == kNodeMax && path.leaf->next == nullptr;
  if (!appends && height_ > 0 && (shift_to_next(path) || shift_to_previous(path))) return;
  split_leaf(path, member);
}

// Moving some members to a neighbour keeps leaves fuller than splitting at once would.
bool RankedTree::shift_to_next(Path& path) {
  auto& [parent, child] = path.steps[height_ - 1];
  if (child + 1 == parent->count) return false;
  Leaf& from = *path.leaf;
  Leaf& to = static_cast<Leaf&>(*parent->children[child + 1]);
  const unsigned moved = (kNodeMax - to.count) / 2;
  if (moved < 4) return false;
  open_gap(to, 0, moved);
  from.count -= moved;
  copy_keys(from, from.count, to, 0, moved);
  parent->sizes[child] -= moved;
  parent->sizes[child + 1] += moved;
  parent->scores[child + 1] = to.scores[0];
  parent->members[child + 1] = to.members[0];
  if (path.index <= from.count) return true;
  path.index -= from.count;
  path.leaf = &to;
  --parent->sizes[child];
  ++parent->sizes[++child];
  return true;
}

bool RankedTree::shift_to_previous(Path& path) {
  auto& [parent, child] = path.steps[height_ - 1];
  if (child == 0) return false;
  Leaf& from = *path.leaf;
  Leaf& to = static_cast<Leaf&>(*parent->children[child - 1]);
  const unsigned moved = (kNodeMax - to.count) / 2;
  if (moved < 4) return false;
  const unsigned end = to.count;
  copy_keys(from, 0, to, end, moved);
  to.count += moved;
  close_gap(from, 0, moved);
  parent->sizes[child] -= moved;
  parent->sizes[child - 1] += moved;
  parent->scores[child] = from.scores[0];
  parent->members[child] = from.members[0];
  if (path.index > moved) {
    path.index -= moved;
    return true;
  }
  path.index += end;
  path.leaf = &to;
  --parent->sizes[child];
  ++parent->sizes[--child];
  return true;
}

void RankedTree::split_leaf(Path& path, Member* member) {
  Leaf& left = *path.leaf;
  auto* right = new Leaf();
  ++leaves_;
  // What only grows at its end gets full leaves.
  const bool appends = path.index == kNodeMax && left.next == nullptr;
  const unsigned kept = appends ? kNodeMax : kNodeMax / 2;
  right->count = kNodeMax - kept;
  left.count = kept;
  copy_keys(left, kept, *right, 0, right->count);
  right->previous = &left;
  right->next = left.next;
  if (left.next != nullptr) left.next->previous = right;
  left.next = right;
  const bool goes_right = appends || path.index > kept;
  if (goes_right) {
    path.leaf = right;
    path.index -= kept;
  }
  Member* first = appends ? member : right->members[0];
  add_child(path, height_,
            {.node = right, .first = first, .size = right->count + (goes_right ? 1U : 0U)});
}

// `added` holds a part of what was below the node at `depth` of the path, and comes right behind
// that node.
void RankedTree::add_child(Path& path, unsigned depth, const Child& added) {
  if (depth == 0) {
    auto* root = new Inner();
    ++inners_;
    CHECK(height_ < kHeightMax);
    ++height_;
    const auto put = [&](const Child& child) {
      root->scores[root->count] = child.first->score();
      root->members[root->count] = child.first;
      root->children[root->count] = child.node;
      root->sizes[root->count] = child.size;
      ++root->count;
    };
    put({.node = root_, .first = root_->members[0], .size = size_ + 1 - added.size});
    put(added);
    root_ = root;
    return;
  }
  Inner* parent = path.steps[depth - 1].node;
  unsigned at = path.steps[depth - 1].child;
  parent->sizes[at] -= added.size;
  ++at;
  Inner* right = nullptr;
  if (parent->count == kNodeMax) {
    const unsigned kept = at == kNodeMax ? kNodeMax : kNodeMax / 2;
    right = new Inner();
    ++inners_;
    right->count = kNodeMax - kept;
    parent->count = kept;
    copy_keys(*parent, kept, *right, 0, right->count);
    if (at > kept || kept == kNodeMax) {
      parent = right;
      at -= kept;
    }
  }
  open_gap(*parent, at, 1);
  parent->scores[at] = added.first->score();
  parent->members[at] = added.first;
  parent->children[at] = added.node;
  parent->sizes[at] = added.size;
  if (right != nullptr)
    add_child(path, depth - 1,
              {.node = right, .first = right->members[0], .size = size_of(*right)});
}

// --- Erasing.

void RankedTree::erase(const Member* member) {
  Path path = path_to(member);
  erase_run(path, 1);
}

// Takes `count` keys out of the path's leaf, from its index on.
void RankedTree::erase_run(Path& path, unsigned count) {
  for (unsigned depth = 0; depth < height_; ++depth)
    path.steps[depth].node->sizes[path.steps[depth].child] -= count;
  close_gap(*path.leaf, path.index, count);
  size_ -= count;
  settle(path);
}

// Puts in order what erasing from the path's leaf left: first keys, and nodes with too few keys.
void RankedTree::settle(Path& path) {
  const Node* node = path.leaf;
  for (unsigned depth = height_; depth > 0; --depth) {
    if (node->count >= kNodeMin) return renew_firsts(path, depth);
    const bool is_leaf = depth == height_;
    const auto [parent, child] = path.steps[depth - 1];
    if (parent->count > 1) {
      join_children(*parent, child + 1 < parent->count ? child : child - 1, is_leaf);
    } else if (node->count > 0) {
      refresh(*parent, child, is_leaf);
    } else {
      drop_child(*parent, 0, is_leaf);
    }
    node = parent;
  }
  shrink_root();
}

// Makes one node of `left` and `right`, or, when they are too full for that, evens them out. True
// when `right` is left empty.
template <class N>
bool RankedTree::join(N& left, N& right) {
  const unsigned sum = left.count + right.count;
  if (sum <= kJoinMax || left.count == 0 || right.count == 0) {
    copy_keys(right, 0, left, left.count, right.count);
    left.count = sum;
    right.count = 0;
    return true;
  }
  const unsigned wanted = sum / 2;
  if (left.count < wanted) {
    const unsigned moved = wanted - left.count;
    copy_keys(right, 0, left, left.count, moved);
    left.count += moved;
    close_gap(right, 0, moved);
  } else {
    const unsigned moved = left.count - wanted;
    open_gap(right, 0, moved);
    left.count -= moved;
    copy_keys(left, left.count, right, 0, moved);
  }
  return false;
}

void RankedTree::join_children(Inner& parent, unsigned left, bool are_leaves) {
  Node* const a = parent.children[left];
  Node* const b = parent.children[left + 1];
  const bool joined = are_leaves ? join(static_cast<Leaf&>(*a), static_cast<Leaf&>(*b))
                                 : join(static_cast<Inner&>(*a), static_cast<Inner&>(*b));
  if (joined) {
    drop_child(parent, left + 1, are_leaves);
  } else {
    refresh(parent, left + 1, are_leaves);
  }
  if (a->count > 0) {
    refresh(parent, left, are_leaves);
  } else {
    drop_child(parent, left, are_leaves);
  }
}

// The child is empty.
void RankedTree::drop_child(Inner& parent, unsigned child, bool is_leaf) {
  Node* const node = parent.children[child];
  if (is_leaf) {
    auto* leaf = static_cast<Leaf*>(node);
    if (leaf->previous != nullptr) leaf->previous->next = leaf->next;
    if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
    delete leaf;
    --leaves_;
  } else {
    delete static_cast<Inner*>(node);
    --inners_;
  }
  close_gap(parent, child, 1);
}

void RankedTree::shrink_root() {
  while (height_ > 0 && root_->count <= 1) {
    auto* old = static_cast<Inner*>(root_);
    root_ = old->count == 1 ? old->children[0] : nullptr;
    height_ = old->count == 1 ? height_ - 1 : 0;
    delete old;
    --inners_;
  }
}

void RankedTree::move(Member* member, double score) {
  Path path = path_to(member);
  Leaf& leaf = *path.leaf;
  const unsigned at = path.index;
  const Bytes text = member->text();
  // Between the same neighbours, nothing else changes.
  if (at > 0 && at + 1 < leaf.count) {
    const auto is_before = [&](unsigned i) {
      return leaf.scores[i] < score || (leaf.scores[i] == score && leaf.members[i]->text() < text);
    };
    if (is_before(at - 1) && !is_before(at + 1)) {
      member->set_score(score);
      leaf.scores[at] = score;
      return;
    }
  }
  erase_run(path, 1);
  member->set_score(score);
  insert(member);
}

// --- Building.

void RankedTree::build(std::span<Member* const> sorted) {
  CHECK(root_ == nullptr);
  if (sorted.empty()) return;
  size_ = sorted.size();
  // Evenly filled, with room for what is inserted later.
  leaves_ = (sorted.size() + kBuildFill - 1) / kBuildFill;
  std::vector<Node*> level;
  level.reserve(leaves_);
  Leaf* previous = nullptr;
  for (std::size_t i = 0; i < leaves_; ++i) {
    auto* leaf = new Leaf();
    const std::size_t first = sorted.size() * i / leaves_;
    const std::size_t end = sorted.size() * (i + 1) / leaves_;
    for (std::size_t from = first; from < end; ++from, ++leaf->count) {
      leaf->scores[leaf->count] = sorted[from]->score();
      leaf->members[leaf->count] = sorted[from];
    }
    leaf->previous = previous;
    if (previous != nullptr) previous->next = leaf;
    previous = leaf;
    level.push_back(leaf);
  }
  while (level.size() > 1) level = build_level(level);
  root_ = level[0];
}

std::vector<RankedTree::Node*> RankedTree::build_level(const std::vector<Node*>& below) {
  const std::size_t count = (below.size() + kBuildFill - 1) / kBuildFill;
  std::vector<Node*> level;
  level.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto* inner = new Inner();
    ++inners_;
    const std::size_t end = below.size() * (i + 1) / count;
    for (std::size_t from = below.size() * i / count; from < end; ++from) {
      inner->children[inner->count] = below[from];
      refresh(*inner, inner->count, height_ == 0);
      ++inner->count;
    }
    level.push_back(inner);
  }
  ++height_;
  return level;
}

}  // namespace banyan::encodings
