// An input of ZUNION and its like: a sorted set, a set (whose members all have the score 1), or
// nothing.
//
// Threads   See Call.
#pragma once

#include "commands/call.h"
#include "values/set.h"
#include "values/sorted_set.h"

namespace banyan::collections {

class SortedSetSource {
 public:
  // Null for a missing key.
  explicit SortedSetSource(const store::Entry* entry) : entry_(entry) {}

  const store::Entry* entry() const { return entry_; }
  std::size_t size() const {
    if (entry_ == nullptr) return 0;
    return is_set() ? set().size() : sorted().size();
  }
  std::optional<double> score(Bytes member) const {
    if (entry_ == nullptr) return std::nullopt;
    if (!is_set()) return sorted().score(member);
    return set().contains(member) ? std::optional<double>(1) : std::nullopt;
  }
  // visit(Bytes member, double score) answers whether to go on.
  template <class Visit>
  void visit(const Visit& visit) const {
    if (entry_ == nullptr) return;
    if (is_set()) {
      set().visit([&](const values::SetMember& member) {
        IntegerText room;
        return visit(member.as_text(room), 1.0);
      });
    } else {
      sorted().visit_while({0, size()}, visit);
    }
  }

  double weight = 1;

 private:
  bool is_set() const { return entry_->type() == values::Type::set; }
  values::Set set() const { return values::Set::of(entry_->body()); }
  values::SortedSetView sorted() const { return values::SortedSetView(entry_->body()); }

  const store::Entry* entry_;
};

}  // namespace banyan::collections
