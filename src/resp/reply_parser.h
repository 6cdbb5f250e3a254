// ReplyParser: turns the bytes a server sends into Values. For clients, links and tests.
//
// Vocabulary   A header line is a type character, a text and CR LF. Bulks have a payload behind
//              it, aggregates their elements, attributes their pairs and then the value itself.
// Invariants   What comes out does not depend on how the network cut the bytes, errors included.
//              Memory grows with the bytes received, never with a length or a count claimed.
// Threads      None.
// Failure      feed() fails with Errc::corrupt on bytes that are no reply, or one beyond Limits.
// That
//              is final: the caller closes the link. Replies complete before it are handed out.
//
// A LF without CR is an ordinary character of a line: modules of Redis do send such errors.
// RESP3's streamed strings and aggregates ("$?") are refused: no Redis sends them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "resp/value.h"

namespace banyan::resp {

struct ReplyLimits {
  std::size_t depth_max = 128;  // aggregates inside each other
  std::size_t bulk_max = 512UL * 1024 * 1024;
  std::size_t items_max = INT32_MAX;  // of one aggregate, keys and values counted singly
  std::size_t line_max = 64UL * 1024;
};

class ReplyParser {
 public:
  explicit ReplyParser(ReplyLimits limits = {}) : limits_(limits) {}

  // Appends to `out` the replies that `bytes` completes. Keeps the rest; `bytes` may go away.
  Result<> feed(Bytes bytes, std::vector<Value>& out);

  // True between replies: no bytes of an unfinished one are held.
  bool is_idle() const {
    return stack_.empty() && attributes_.empty() && line_.empty() && !bulk_ && !failed_;
  }

 private:
  // An aggregate, or the attributes in front of a value, whose elements are being read.
  struct Frame {
    Value value;
    std::size_t missing;
    bool is_attribute;
    std::vector<Value> attributes;  // to be given to the element that comes next
  };

  Result<> step(Bytes& bytes, std::vector<Value>& out);
  // Takes the rest of a header line out of `bytes`; nullopt when its end has not come.
  Result<std::optional<Bytes>> take_line(Bytes& bytes);
  Result<> on_line(Bytes line, std::vector<Value>& out);
  Result<> on_blob(Value::Kind kind, Bytes length, std::vector<Value>& out);
  Result<> on_aggregate(char type, Bytes count, std::vector<Value>& out);
  Result<> take_payload(Bytes& bytes, std::vector<Value>& out);
  void complete(Value value, std::vector<Value>& out);
  // Where the attributes of the value that comes next are.
  std::vector<Value>& next_attributes();

  ReplyLimits limits_;
  std::string line_;                 // the beginning of a header line, until its end comes
  std::optional<Value> bulk_;        // the bulk whose payload is being read
  std::size_t payload_missing_ = 0;  // CR LF included
  std::vector<Frame> stack_;
  std::vector<Value> attributes_;  // of the next value outside all aggregates
  bool failed_ = false;
};

}  // namespace banyan::resp
