#include "generic/sort_pattern.h"

namespace banyan::generic {

using namespace commands;
using store::Entry;

SortPattern::SortPattern(Bytes text) : is_self_(text == "#") {
  const std::size_t star = text.find('*');
  names_keys_ = star != Bytes::npos;
  if (!names_keys_) return;
  prefix_ = text.substr(0, star);
  suffix_ = text.substr(star + 1);
  const std::size_t arrow = suffix_.find("->");
  if (arrow == Bytes::npos || arrow + 2 == suffix_.size()) return;
  field_ = suffix_.substr(arrow + 2);
  suffix_ = suffix_.substr(0, arrow);
}

std::optional<Bytes> SortPattern::look_up(Call& call, Bytes element) {
  if (is_self_) return element;
  if (!names_keys_) return std::nullopt;
  key_.assign(prefix_).append(element).append(suffix_);
  const Entry* entry = call.db.find(call.db.key(key_));
  if (entry == nullptr) return std::nullopt;
  if (field_.empty()) {
    if (entry->type() != values::Type::string) return std::nullopt;
    return entry->text(room_.value);
  }
  if (entry->type() != values::Type::hash) return std::nullopt;
  const auto found = values::HashView(entry->body()).find(field_, room_);
  const bool is_seen = found && (found->expiry == kNoExpiry || found->expiry >= call.now() ||
                                 call.db.context().expiry == ExpiryMode::ignore);
  return is_seen ? std::optional<Bytes>(found->value) : std::nullopt;
}

}  // namespace banyan::generic
