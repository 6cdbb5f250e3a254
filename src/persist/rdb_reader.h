// RdbReader: takes the primitives of RDB (lengths, strings, numbers) off the front of some bytes.
//
// Invariants   Nothing is allocated for a length that was only claimed: plain strings are views,
//              and an LZF string is unpacked when its packed bytes are there and could be that
//              long.
// Threads      None. The bytes belong to the caller and must outlive the views.
// Failure      need_more (no text) when the bytes end too early: needed() says how many there
//              must be. corrupt, with what and where. After an error the position is unspecified.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace banyan::persist {

class RdbReader {
 public:
  // `offset` is where `bytes` starts in its file, for error texts.
  explicit RdbReader(Bytes bytes, std::uint64_t offset = 0) : bytes_(bytes), offset_(offset) {}

  Result<std::uint8_t> byte();
  Result<Bytes> raw(std::size_t count);
  Result<std::uint64_t> length();  // a special encoding is corrupt here
  Result<UnixMs> milliseconds();
  Result<double> binary_double();
  Result<double> text_double();  // as type zset has them; refuses NaN
  // The string's text, valid as long as both the bytes and `scratch` are left alone.
  Result<Bytes> string(std::string& scratch);
  Result<> skip_string();

  void seek(std::size_t position) { position_ = position; }
  std::size_t position() const { return position_; }
  bool at_end() const { return position_ == bytes_.size(); }
  Bytes rest() const { return bytes_.substr(position_); }
  // After need_more: reading cannot get further before this many bytes are there. 0 before.
  std::size_t needed() const { return needed_; }

  // "<what> (at byte <offset + position>)"
  std::unexpected<Error> corrupt(Bytes what) const;

 private:
  // How a string is stored: `value` for an integer, else `stored_bytes` follow.
  struct StringHead {
    enum class Form : std::uint8_t { plain, integer, lzf } form = Form::plain;
    std::int64_t value = 0;
    std::uint64_t stored_bytes = 0;
    std::uint64_t text_bytes = 0;
  };
  Result<StringHead> string_head();
  Result<std::int64_t> small_int(std::uint8_t encoding);
  Result<StringHead> lzf_head();
  Result<Bytes> unpack(Bytes packed, std::uint64_t text_bytes, std::string& scratch) const;
  Result<std::uint64_t> length_after(std::uint8_t first);
  template <class T>
  Result<T> number();

  Bytes bytes_;
  std::uint64_t offset_;
  std::size_t position_ = 0;
  std::size_t needed_ = 0;
};

}  // namespace banyan::persist
