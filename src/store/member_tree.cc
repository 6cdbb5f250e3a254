#include "store/member_tree.h"

#include <algorithm>

namespace banyan::store {

MemberTree::~MemberTree() {
  order_.visit_up(0, order_.size(),
                  [](const Member& member) { Member::destroy(const_cast<Member*>(&member)); });
}

std::size_t MemberTree::memory_bytes() const {
  return sizeof *this + member_bytes_ + order_.memory_bytes() + index_.memory_bytes();
}

void MemberTree::add(Bytes text, std::uint64_t hash, double score) {
  Member* member = Member::make(text, score);
  index_.insert(member, hash);
  order_.insert(member);
  member_bytes_ += member->memory_bytes();
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

void MemberTree::build_sorted(std::span<Member* const> sorted) {
  for (Member* member : sorted) {
    index_.insert(member, index_.hash(member->text()));
    member_bytes_ += member->memory_bytes();
  }
  order_.build(sorted);
}

bool MemberTree::build(std::vector<Member*>& members) {
  const auto before = [](const Member* a, const Member* b) {
    return a->score() < b->score() || (a->score() == b->score() && a->text() < b->text());
  };
  // RDB files hold sets from the last to the first.
  if (members.size() > 1 && before(members.back(), members.front()))
    std::reverse(members.begin(), members.end());
  if (!std::is_sorted(members.begin(), members.end(), before))
    std::sort(members.begin(), members.end(), before);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::uint64_t hash = index_.hash(members[i]->text());
    if (index_.find(members[i]->text(), hash) == nullptr) {
      index_.insert(members[i], hash);
      continue;
    }
    for (std::size_t taken = 0; taken < i; ++taken) index_.erase(members[taken]);
    return false;
  }
  for (const Member* member : members) member_bytes_ += member->memory_bytes();
  order_.build(members);
  return true;
}

MemberTree* MemberTree::copy() const {
  auto* tree = new MemberTree(index_.secret());
  std::vector<Member*> members;
  members.reserve(size());
  order_.visit_up(0, size(), [&](const Member& member) {
    members.push_back(Member::make(member.text(), member.score()));
  });
  tree->build_sorted(members);
  return tree;
}

}  // namespace banyan::store
