// Property: bytes are an intset exactly when they come back the same from a set that was built of
// the integers in them, width apart; and a set that was loaded behaves like one that was built.
#include <cstdint>

#include "base/check.h"
#include "encodings/intset.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace banyan;
  const Bytes bytes(reinterpret_cast<const char*>(data), size);
  if (const auto valid = encodings::validate_intset(bytes); !valid) {
    CHECK(valid.error().code() == Errc::corrupt);
    return 0;
  }
  encodings::Intset loaded = encodings::Intset::copy_of(bytes);
  CHECK(loaded.bytes() == bytes);
  encodings::Intset built = encodings::Intset::make();
  for (std::size_t i = loaded.size(); i-- > 0;) CHECK(built.add(loaded.at(i)));
  CHECK(built.size() == loaded.size());
  for (std::size_t i = 0; i < built.size(); ++i) {
    CHECK(built.at(i) == loaded.at(i));
    CHECK(loaded.contains(built.at(i)));
    CHECK(!loaded.add(built.at(i)));
  }
  for (std::size_t i = 0; i < built.size(); ++i) CHECK(loaded.remove(built.at(i)));
  CHECK(loaded.size() == 0);
  loaded.destroy();
  built.destroy();
  return 0;
}
