// Digest: a fingerprint of data, byte for byte the one that Redis's DEBUG DIGEST computes, so that
// two servers, ours and others, can be compared.
//
// How it works   Elements without an order are xored, those with one are mixed: the digest so far
//                goes into the next hash. Everything is SHA-1; no secret depends on it.
// Threads        A value.
#pragma once

#include <array>
#include <string>

#include "store/entry.h"

namespace banyan::values {
class StreamValue;
}  // namespace banyan::values

namespace banyan::server {

class Digest {
 public:
  // The order of what is added does not matter ...
  void add_unordered(Bytes data);
  void add_unordered(const Digest& digest) { add_unordered(digest.view()); }
  // ... or does.
  void mix(Bytes data);
  void mix_number(std::uint32_t number);  // in network order

  // A value, with its type and whether it expires, but without its key.
  void add_value(const store::Entry& entry);

  std::string text() const;  // 40 hexadecimal digits

 private:
  using Hash = std::array<unsigned char, 20>;
  void add_content(const store::Entry& entry);
  void add_stream(const values::StreamValue& stream);
  Bytes view() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

  Hash bytes_ = {};
};

}  // namespace banyan::server
