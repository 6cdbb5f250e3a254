#include "server/digest.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include "base/number.h"
#include "values/hash_value.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"

namespace banyan::server {

namespace {

std::array<unsigned char, 20> sha1(Bytes data) {
  std::array<unsigned char, 20> hash;
  SHA1(reinterpret_cast<const unsigned char*>(data.data()), data.size(), hash.data());
  return hash;
}

// Redis's numbers of the types.
std::uint32_t type_number(values::Type type) {
  switch (type) {
    case values::Type::string:
      return 0;
    case values::Type::list:
      return 1;
    case values::Type::set:
      return 2;
    case values::Type::sorted_set:
      return 3;
    case values::Type::hash:
      return 4;
    case values::Type::stream:
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

void Digest::add_stream(const values::StreamValue& stream) {
  values::StreamReader reader(stream, values::kStreamIdMin, values::kStreamIdMax);
  values::StreamEntry::Room room;
  while (reader.next()) {
    mix(values::StreamIdText(reader.entry().id, '.').text());
    for (std::uint64_t i = 0; i < reader.entry().pairs; ++i) {
      const auto [field, value] = reader.entry().next_pair(room);
      mix(field);
      mix(value);
    }
  }
}

void Digest::add_content(const store::Entry& entry) {
  IntegerText room;
  switch (entry.type()) {
    case values::Type::string:
      return mix(entry.text(room));
    case values::Type::list:
      return values::ListView(entry.body()).visit_all([&](const encodings::ListpackValue& value) {
        mix(value.as_text(room));
      });
    case values::Type::set:
      return values::Set::of(entry.body()).for_each([&](const values::SetMember& member) {
        add_unordered(member.as_text(room));
      });
    case values::Type::sorted_set:
      return values::SortedSetView(entry.body()).visit_all([&](Bytes member, double score) {
        char text[kDoubleTextMax];
        Digest pair;
        pair.mix(member);
        pair.mix({text, write_shortest_double(text, score)});
        add_unordered(pair);
      });
    case values::Type::hash:
      return values::HashView(entry.body()).for_each([&](const values::HashField& field) {
        Digest element;
        element.mix(field.member);
        element.mix(field.value);
        if (field.expiry != kNoExpiry) element.add_unordered("!!hexpire!!");
        add_unordered(element);
      });
    case values::Type::stream:
      return add_stream(values::Stream::of(entry.body()));
  }
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
