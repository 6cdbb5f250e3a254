// MemberTree: a big sorted set: its members in order and with ranks (RankedTree), and by their
// bytes (MemberIndex). What OBJECT ENCODING calls skiplist.
//
// Invariants   Both parts hold the same members, each of them once.
// Threads      None of its own: whoever holds the lock of the set's entry.
// Failure      Allocation failure terminates.
#pragma once

#include <span>

#include "encodings/member_index.h"
#include "encodings/ranked_tree.h"

namespace banyan::encodings {

class MemberTree {
 public:
  explicit MemberTree(const HashSecret& secret) : index_(secret) {}
  MemberTree(const MemberTree&) = delete;
  MemberTree& operator=(const MemberTree&) = delete;
  ~MemberTree();

  std::size_t size() const { return order_.size(); }
  const RankedTree& order() const { return order_; }
  // Its own; text bytes are counted as the allocator was asked for them.
  std::size_t memory_bytes() const;

  std::uint64_t hash(Bytes text) const { return index_.hash_of(text); }
  Member* find(Bytes text, std::uint64_t hash) const { return index_.find(text, hash); }
  const Member* find(Bytes text) const { return index_.find(text, index_.hash_of(text)); }

  // The text must not be there; `hash` is its hash.
  void add(Bytes text, std::uint64_t hash, double score);
  void set_score(Member* member, double score) { order_.move(member, score); }
  void erase(Member* member);
  // Requires: first + count <= size().
  void erase_ranks(std::size_t first, std::size_t count);

  // Building a tree (MemberGatherer does it): all members are gathered, perhaps some given up
  // again, then arranged once, in order. In between only hash() and find() may be used.
  Member* gather(Bytes text, std::uint64_t hash, double score);
  void ungather(Member* member);  // it is the caller's from then on
  void arrange(std::span<Member* const> sorted) { order_.build(sorted); }
  MemberTree* copy() const;

  const MemberIndex& index() const { return index_; }

  template <class Visit>
  std::uint64_t scan(std::uint64_t cursor, const Visit& visit) const {
    return index_.scan(cursor, visit);
  }

 private:
  MemberIndex index_;
  RankedTree order_;
  std::size_t member_bytes_ = 0;
};

}  // namespace banyan::encodings
