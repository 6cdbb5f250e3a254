// ReplyWriter: encodes replies, in RESP2 or RESP3 as the client chose with HELLO.
//
// Vocabulary   A reply is one value. An aggregate (array, map, set, push) is a header with a count
//              and then its elements, written by further calls.
// Invariants   A status or error never has CR or LF inside, whatever text it is made of.
//              What RESP2 lacks goes out as what Redis sends there: map as array of keys and
//              values, set and push as array, double, big number and verbatim text as bulk.
// Threads      None.
// Failure      None. That the elements are as many as the header says is the caller's business.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "resp/header_line.h"
#include "resp/output.h"

namespace banyan::resp {

enum class Protocol : std::uint8_t { resp2 = 2, resp3 = 3 };

class ReplyWriter {
 public:
  ReplyWriter(Output& output, Protocol protocol) : output_(output), protocol_(protocol) {}

  Protocol protocol() const { return protocol_; }
  Output& output() { return output_; }

  void ok() { literal("+OK\r\n"); }
  void simple(Bytes text) { line('+', text); }
  void error(const Error& error) { line('-', error.reply_line()); }
  // `text` with its code: "ERR no such thing".
  void error(Bytes text) { line('-', text); }

  void integer(std::int64_t value) {
    if (static_cast<std::uint64_t>(value) < 2) return literal(value == 0 ? ":0\r\n" : ":1\r\n");
    char* to = output_.reserve(kHeaderMax);
    if (value >= 0) return output_.commit(write_header(to, ':', static_cast<std::uint64_t>(value)));
    *to = ':';
    output_.commit(write_crlf(to + 1 + write_int(to + 1, value)));
  }

  // Up to kShortBulkMax it is written in one piece; a longer one may straddle chunks.
  void bulk(Bytes text) {
    if (text.size() > kShortBulkMax) [[unlikely]]
      return long_bulk(text);
    char* to = output_.reserve(kHeaderMax + kShortBulkMax + 2);
    to = write_bulk_header(to, text.size());
    output_.commit(write_crlf(write_text(to, text)));
  }
  void bulk_int(std::int64_t value);  // the bulk of its decimal text
  void null() { literal(is_resp3() ? Bytes("_\r\n") : Bytes("$-1\r\n")); }
  void null_array() { literal(is_resp3() ? Bytes("_\r\n") : Bytes("*-1\r\n")); }

  void array(std::size_t count) { header('*', count); }
  void map(std::size_t pairs) { is_resp3() ? header('%', pairs) : header('*', pairs * 2); }
  void set(std::size_t count) { header(is_resp3() ? '~' : '*', count); }
  void push(std::size_t count) { header(is_resp3() ? '>' : '*', count); }
  // Pairs that describe the reply that follows them. Requires: RESP3; RESP2 has no such thing.
  void attribute(std::size_t pairs);

  void real(double value);
  // The text of a number, as write_double() gives it.
  void real_text(Bytes text);
  void boolean(bool value) {
    if (is_resp3()) return literal(value ? "#t\r\n" : "#f\r\n");
    literal(value ? ":1\r\n" : ":0\r\n");
  }
  void big_number(Bytes digits);
  // `format` is three letters: "txt", "mkd". RESP2 clients get the text alone.
  void verbatim(Bytes format, Bytes text);
  // Bytes that are a reply, or part of one, already.
  void raw(Bytes encoded) { output_.append(encoded); }

  // Aggregates whose count is known only after their elements: O(1) more than the others. They
  // nest; inner ones end first. A rollback of the output to before begin_...() undoes them too.
  struct Deferred {
    Output::Gap gap;
    char type;
    std::uint8_t factor;
  };
  [[nodiscard]] Deferred begin_array() { return {output_.begin_gap(), '*', 1}; }
  [[nodiscard]] Deferred begin_set();
  [[nodiscard]] Deferred begin_map();
  // `count` is of elements for arrays and sets, of pairs for maps.
  void end_array(Deferred array, std::size_t count) { end(array, count); }
  void end_set(Deferred set, std::size_t count) { end(set, count); }
  void end_map(Deferred map, std::size_t pairs) { end(map, pairs); }

 private:
  bool is_resp3() const { return protocol_ == Protocol::resp3; }
  void literal(Bytes text) { output_.append(text); }
  void header(char type, std::size_t count) {
    output_.commit(write_header(output_.reserve(kHeaderMax), type, count));
  }
  void line(char type, Bytes text);
  void long_bulk(Bytes text);
  void end(Deferred aggregate, std::size_t count);

  Output& output_;
  Protocol protocol_;
};

}  // namespace banyan::resp
