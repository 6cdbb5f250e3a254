#include "encodings/member_tree.h"

#include <vector>

namespace banyan::encodings {

MemberTree::~MemberTree() {
  order_.visit_up(0, order_.size(),
                  [](const Member& member) { Member::destroy(const_cast<Member*>(&member)); });
}

std::size_t MemberTree::memory_bytes() const {
  return sizeof *this + member_bytes_ + order_.memory_bytes() + index_.memory_bytes();
}

void MemberTree::add(Bytes text, std::uint64_t hash, double score) {
  order_.insert(gather(text, hash, score));
}

void MemberTree::erase(Member* member) {
  order_.erase(member);
  index_.erase(member);
  member_bytes_ -= member->memory_bytes();
  Member::destroy(member);
}

void MemberTree::erase_ranks(std::size_t first, std::size_t count) {
  order_.erase_ranks(first, count, [this](Member* member) {
    index_.erase(member);
    member_bytes_ -= member->memory_bytes();
    Member::destroy(member);
  });
}

Member* MemberTree::gather(Bytes text, std::uint64_t hash, double score) {
  Member* member = Member::make(text, score);
  index_.insert(member, hash);
  member_bytes_ += member->memory_bytes();
  return member;
}

void MemberTree::ungather(Member* member) {
  index_.erase(member);
  member_bytes_ -= member->memory_bytes();
}

MemberTree* MemberTree::copy() const {
  auto* tree = new MemberTree(index_.secret());
  std::vector<Member*> members;
  members.reserve(size());
  order_.visit_up(0, size(), [&](const Member& member) {
    members.push_back(tree->gather(member.text(), index_.hash_of(member.text()), member.score()));
  });
  tree->arrange(members);
  return tree;
}

}  // namespace banyan::encodings
