// MemberGatherer: members on their way to become a sorted set, in any order: what a file holds, or
// what a union makes.
//
// Invariants   No two members have the same bytes.
// Threads      None of its own.
// Failure      Allocation failure terminates.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "encodings/member_tree.h"

namespace banyan::encodings {

class MemberGatherer {
 public:
  explicit MemberGatherer(const HashSecret& secret) : tree_(std::make_unique<MemberTree>(secret)) {}
  MemberGatherer(const MemberGatherer&) = delete;
  MemberGatherer& operator=(const MemberGatherer&) = delete;
  ~MemberGatherer();

  std::size_t size() const { return members_.size() - dropped_; }
  std::uint64_t hash(Bytes text) const { return tree_->hash(text); }
  Member* find(Bytes text, std::uint64_t hash) const { return tree_->find(text, hash); }

  // The text must not be there; `hash` is its hash. Scores may be changed until sort().
  Member* add(Bytes text, std::uint64_t hash, double score) {
    members_.push_back(tree_->gather(text, hash, score));
    return members_.back();
  }
  // find() does not find it any more.
  void drop(Member* member);

  // The members in order; valid until anything else is done.
  std::span<Member* const> sort();
  // The same as a tree; the gatherer is of no further use.
  std::unique_ptr<MemberTree> finish();

 private:
  std::unique_ptr<MemberTree> tree_;
  std::vector<Member*> members_;
  std::size_t dropped_ = 0;  // of members_: those have NaN for a score
};

}  // namespace banyan::encodings
