// Property: bytes that pass the deep validation can be walked both ways, copied and changed without
// leaving them, and stay valid; whatever was built by changes is valid.
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "encodings/listpack.h"

namespace {

using banyan::Bytes;
using banyan::IntegerText;
using banyan::encodings::Listpack;
using banyan::encodings::ListpackValue;
using banyan::encodings::ListpackView;
using banyan::encodings::validate_listpack;

void walk(ListpackView view) {
  std::vector<ListpackView::Position> forward;
  for (auto at = view.first(); at != ListpackView::kNone; at = view.next(at)) {
    forward.push_back(at);
    IntegerText room;
    const Bytes text = view.text(at, room);
    CHECK(view.find(at, ListpackValue::of(text)) == at);
  }
  CHECK(view.size() == forward.size());
  for (auto at = view.last(); at != ListpackView::kNone; at = view.previous(at)) {
    CHECK(!forward.empty() && forward.back() == at);
    forward.pop_back();
  }
  CHECK(forward.empty());
}

// The first half of the input chooses changes, the other half is their text.
void change(Listpack pack, Bytes choices) {
  Bytes text = choices.substr(choices.size() / 2);
  for (const char choice : choices.substr(0, choices.size() / 2)) {
    const auto byte = static_cast<unsigned char>(choice);
    const ListpackValue value = ListpackValue::of(text.substr(0, byte % 70));
    auto at = pack.at(byte / 4 % 16);
    if (at == ListpackView::kNone) at = pack.end();
    if (byte % 4 == 0 && at != pack.end()) {
      pack.erase(at, byte / 64);
    } else if (byte % 4 == 1 && at != pack.end()) {
      pack.replace(at, value);
    } else {
      CHECK(pack.equals(pack.insert(at, value), value));
    }
    if (!text.empty()) text.remove_prefix(1);
  }
  CHECK(validate_listpack(pack.bytes(), true));
  walk(pack);
  pack.destroy();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of the exact size, so that the sanitizer sees a read behind it.
  const std::vector<char> copy(data, data + size);
  const Bytes bytes(copy.data(), copy.size());
  validate_listpack(bytes, false);
  if (validate_listpack(bytes, true)) {
    walk(ListpackView(bytes.data()));
    change(Listpack::copy_of(bytes), bytes);
  }
  change(Listpack::make(), bytes);
  return 0;
}
