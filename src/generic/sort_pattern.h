// The patterns of SORT's BY and GET: which key, or field of a hash, belongs to an element.
//
// Syntax    "prefix*suffix" is the key with the element in place of the first '*'; with "->field"
//           behind, a field of the hash there. "#" is the element itself. What has no '*' names
//           nothing.
// Threads   None; the words belong to the call.
#pragma once

#include <optional>

#include "commands/call.h"
#include "values/hash_value.h"

namespace banyan::generic {

using commands::Call;

class SortPattern {
 public:
  explicit SortPattern(Bytes text);

  bool names_keys() const { return names_keys_; }
  // The value for `element`; nullopt when there is none. Valid until the next call,
  // or a change of that key.
  std::optional<Bytes> look_up(Call& call, Bytes element);

 private:
  bool is_self_;
  bool names_keys_;
  Bytes prefix_, suffix_, field_;
  std::string key_;
  values::HashRoom room_;
};

}  // namespace banyan::generic
