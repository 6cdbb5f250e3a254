// Value: a reply as a tree, in RESP2 or RESP3. For clients, links and tests.
//
// Invariants   Only the members that `kind` names have meaning; the others are as default-made, so
//              that == compares replies. A NaN equals nothing, itself included.
//              A map's items are key, value, key, value ...; so are `attributes`.
// Threads      None; a value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace banyan::resp {

struct Value {
  enum class Kind : std::uint8_t {
    null,        // "_", "$-1"
    null_array,  // "*-1"
    simple,      // text
    error,       // text, its code first; "!" too
    bulk,        // text
    verbatim,    // text, and format in front: "txt:..."
    big_number,  // text
    integer,     // integer
    boolean,     // integer: 0, 1
    real,        // real
    array,
    map,
    set,
    push,  // items
  };

  Kind kind = Kind::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<Value> items;
  std::vector<Value> attributes;  // RESP3: said about this value, in front of it

  static Value of_text(Kind kind, Bytes text);
  static Value of_integer(std::int64_t value, Kind kind = Kind::integer);
  static Value of_items(Kind kind, std::vector<Value> items);

  bool is_null() const { return kind == Kind::null || kind == Kind::null_array; }
  bool is_error() const { return kind == Kind::error; }
  bool is_text() const;
  bool is_aggregate() const;

  bool operator==(const Value&) const = default;
};

// As transcripts show it, without a line end: +OK, -ERR text, :1, "bulk", (nil), ,1.5, #t, (123,
// =txt:"text", and aggregates as redis-cli does, an element per line:
//   1) "a"
//   2) 1) :1
//      2) (nil)
// with ')' for arrays, '#' for maps ("1# "key" => :1"), '~' for sets, '>' for pushes.
std::string to_text(const Value& value);

}  // namespace banyan::resp
