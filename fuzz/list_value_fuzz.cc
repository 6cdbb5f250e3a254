// Properties: any bytes are loaded as a list, refused as corrupt, or found to end too early; what
// was loaded comes back the same from what is saved of it, in any encoding.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "persist/values.h"
#include "values/list.h"

namespace {

using namespace banyan;
using namespace banyan::persist;
using store::Entry;

std::vector<std::string> texts_of(const Entry& entry) {
  std::vector<std::string> texts;
  IntegerText room;
  values::ListView(entry.body()).visit_all([&](const encodings::ListpackValue& value) {
    texts.emplace_back(value.as_text(room));
  });
  return texts;
}

void load_and_save(RdbType type, Bytes bytes, const values::EncodingLimits& limits) {
  RdbReader reader(bytes);
  const auto entry = load_value(reader, type, "k", {.limits = limits});
  if (!entry) {
    CHECK(entry.error().code() == Errc::corrupt || entry.error().code() == Errc::need_more);
    return;
  }
  if (*entry == nullptr) return;
  const std::vector<std::string> texts = texts_of(**entry);
  CHECK(!texts.empty());
  std::string saved;
  append_value(saved, **entry, Compression::lzf);
  RdbReader again(saved);
  const auto copy = load_value(again, rdb_type(**entry), "k", {.limits = limits});
  CHECK(copy && *copy != nullptr && again.at_end() && texts_of(**copy) == texts);
  Entry::destroy(*copy);
  Entry::destroy(*entry);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr RdbType kTypes[] = {RdbType::list, RdbType::list_ziplist, RdbType::list_quicklist,
                                RdbType::list_quicklist_2};
  // A copy of the exact size, so that the sanitizer sees a read behind it.
  const std::vector<char> copy(data + 1, data + size);
  values::EncodingLimits limits;
  if ((data[0] & 4) != 0)
    limits.list_listpack_size = 2, limits.list_compress_depth = 1, limits.list_plain_bytes = 20;
  load_and_save(kTypes[data[0] & 3], Bytes(copy.data(), copy.size()), limits);
  return 0;
}
