#include "server/digest.h"

#include <fmt/format.h>
#include <openssl/sha.h>

namespace banyan::server {

namespace {

std::array<unsigned char, 20> sha1(Bytes data) {
  std::array<unsigned char, 20> hash;
  SHA1(reinterpret_cast<const unsigned char*>(data.data()), data.size(), hash.data());
  return hash;
}

// Redis's numbers of the types.
std::uint32_t type_number(store::Type type) {
  switch (type) {
    case store::Type::string:
      return 0;
    case store::Type::list:
      return 1;
    case store::Type::set:
      return 2;
    case store::Type::sorted_set:
      return 3;
    case store::Type::hash:
      return 4;
    case store::Type::stream:
      return 6;
  }
  return 0;
}

}  // namespace

void Digest::add_unordered(Bytes data) {
  const Hash hash = sha1(data);
  for (std::size_t i = 0; i < bytes_.size(); ++i) bytes_[i] ^= hash[i];
}

void Digest::mix(Bytes data) {
  add_unordered(data);
  bytes_ = sha1(view());
}

void Digest::mix_number(std::uint32_t number) {
  char bytes[4];
  store_to(bytes, std::endian::native == std::endian::little ? std::byteswap(number) : number);
  mix({bytes, sizeof bytes});
}

void Digest::add_content(const store::Entry& entry) {
  switch (entry.type()) {
    case store::Type::string:
    case store::Type::list:
    case store::Type::set:
    case store::Type::sorted_set:
    case store::Type::hash:
    case store::Type::stream:
      break;
  }
  store::IntegerText room;
  mix(entry.text(room));
}

void Digest::add_value(const store::Entry& entry) {
  mix_number(type_number(entry.type()));
  add_content(entry);
  if (entry.has_expiry()) add_unordered("!!expire!!");
}

std::string Digest::text() const {
  std::string text;
  for (const unsigned char byte : bytes_) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace banyan::server
