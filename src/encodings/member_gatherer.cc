#include "encodings/member_gatherer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace banyan::encodings {

MemberGatherer::~MemberGatherer() {
  for (Member* member : members_) Member::destroy(member);
}

void MemberGatherer::drop(Member* member) {
  tree_->ungather(member);
  member->set_score(std::numeric_limits<double>::quiet_NaN());
  ++dropped_;
}

std::span<Member* const> MemberGatherer::sort() {
  // The scores beside the pointers: most comparisons need nothing else.
  struct Key {
    double score;
    Member* member;
  };
  std::vector<Key> keys;
  keys.reserve(size());
  for (Member* member : members_) {
    if (std::isnan(member->score())) {
      Member::destroy(member);
    } else {
      keys.push_back({member->score(), member});
    }
  }
  dropped_ = 0;
  const auto before = [](const Key& a, const Key& b) {
    return a.score < b.score || (a.score == b.score && a.member->text() < b.member->text());
  };
  // RDB files hold sets from the last to the first.
  if (keys.size() > 1 && before(keys.back(), keys.front())) std::reverse(keys.begin(), keys.end());
  if (!std::is_sorted(keys.begin(), keys.end(), before))
    std::sort(keys.begin(), keys.end(), before);
  members_.clear();
  for (const Key& key : keys) members_.push_back(key.member);
  return members_;
}

std::unique_ptr<MemberTree> MemberGatherer::finish() {
  tree_->arrange(sort());
  members_.clear();
  return std::move(tree_);
}

}  // namespace banyan::encodings
