// RdbLoader: takes an RDB stream in pieces of any size, as they come from a file or a socket, and
// hands what is in it to a sink.
//
// Vocabulary   The *sink* stores what was loaded. Consumed bytes belong to items that are complete;
//              what follows the end of the RDB (the commands of an AOF with a preamble) is never
//              consumed.
// Invariants   The outcome does not depend on how the bytes were cut. Only the current item is ever
//              buffered, and no more than once copied; an item inside one piece is not copied.
// Threads      None.
// Failure      corrupt: bytes that cannot be RDB, or a wrong checksum. need_more, from finish()
// only:
//              the stream ended too early. Errors of the sink come through as they are. After an
//              error, feed nothing more; the sink holds what came before it.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "persist/rdb_parser.h"

namespace banyan::persist {

// All views last for the call only.
class RdbSink {
 public:
  virtual Result<> on_aux(Bytes key, Bytes value) = 0;
  virtual Result<> on_select(std::uint64_t db) = 0;
  // A hint, and not to be trusted: it comes from the file.
  virtual Result<> on_resize(std::uint64_t keys, std::uint64_t keys_with_expiry) = 0;
  virtual Result<> on_key(const RdbKey& key) = 0;
  virtual Result<> on_function(Bytes code) = 0;
  // The whole stream is in and its checksum was right.
  virtual Result<> on_end() = 0;

 protected:
  ~RdbSink() = default;
};

class RdbLoader {
 public:
  struct Limits {
    std::uint64_t item_bytes_max = std::uint64_t{64} << 30;  // one key with its value
    bool verify_checksum = true;
  };
  struct Progress {
    std::size_t taken = 0;  // of this piece; less than its size only when done
    bool done = false;
  };

  RdbLoader(RdbSink& sink, Limits limits) : sink_(sink), limits_(limits) {}

  Result<Progress> feed(Bytes piece);
  // There is no more to come: fine when the end item was seen.
  Result<> finish() const;

  bool done() const { return parser_.at_end(); }
  std::uint64_t offset() const { return parser_.offset(); }  // bytes consumed so far
  int version() const { return parser_.version(); }

 private:
  Result<> fill_buffer(Bytes& piece);
  Result<> parse(Bytes& bytes);
  Result<> deliver(const RdbItem& item);
  Result<> verify(std::uint64_t checksum) const;
  void sum_up(const char* to);

  RdbSink& sink_;
  Limits limits_;
  RdbParser parser_;
  std::string buffer_;              // the start of an item whose end has not come
  std::uint64_t crc_ = 0;           // of the consumed bytes before unsummed_
  const char* unsummed_ = nullptr;  // in the bytes being parsed
};

}  // namespace banyan::persist
