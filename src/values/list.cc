#include "values/list.h"

namespace banyan::values {

using encodings::ListEnd;
using encodings::ListLimits;
using encodings::ListNode;
using encodings::Listpack;
using encodings::ListpackValue;
using encodings::Quicklist;

namespace {

std::int64_t signed_index(std::size_t index) { return static_cast<std::int64_t>(index); }

ListLimits list_limits(const EncodingLimits& limits) {
  return {.node_limit = limits.list_listpack_size,
          .compress_depth = limits.list_compress_depth,
          .plain_bytes_min = limits.list_plain_bytes};
}

}  // namespace

// --- Of the body.

void List::create(Body& body) { body.set(Encoding::listpack, Listpack::make().data()); }

void List::destroy(Body body) {
  if (body.encoding() == Encoding::quicklist) {
    delete body.as<Quicklist>();
  } else {
    Listpack(body.pointer()).destroy();
  }
}

void List::copy(Body from, Body& to) {
  if (from.encoding() == Encoding::quicklist) {
    to.set(Encoding::quicklist, new Quicklist(*from.as<Quicklist>()));
  } else {
    to.set(Encoding::listpack,
           Listpack::copy_of(encodings::ListpackView(from.pointer()).bytes()).data());
  }
}

std::size_t List::memory_bytes(Body body, std::size_t samples) {
  const ListView list(body);
  if (!list.is_listpack()) return list.quicklist().memory_bytes(samples);
  return Listpack(body.pointer()).memory_bytes();
}

std::size_t List::free_effort(Body body) {
  const ListView list(body);
  return list.is_listpack() ? 1 : list.quicklist().nodes().size();
}

// --- Encodings.

void List::become_quicklist() {
  auto* quicklist = new Quicklist(list_limits(limits_));
  Listpack old(body_.pointer());
  if (old.empty()) {
    old.destroy();
  } else {
    quicklist->append(ListNode::adopt(old));
  }
  keep(Encoding::quicklist, quicklist);
}

void List::expect(std::span<const Bytes> texts) {
  if (!is_listpack()) return;
  std::size_t bytes = pack().total_bytes();
  for (const Bytes text : texts) bytes += text.size();
  if (list_limits(limits_).exceeded_by(bytes, pack().size() + texts.size())) become_quicklist();
}

// A list of one node goes back to a listpack when it is at most the `divisor`-th part of what one
// may be: half, so that it does not go to and fro with every element.
void List::shrink_to(std::size_t divisor) {
  if (is_listpack() || quicklist().nodes().size() != 1) return;
  const ListNode& node = quicklist().nodes().front();
  const ListLimits limits = list_limits(limits_);
  if (node.is_plain() || node.bytes() > limits.bytes_max() / divisor ||
      node.count() > limits.count_max() / divisor)
    return;
  auto* quicklist = body_.as<Quicklist>();
  keep(Encoding::listpack, quicklist->release_only_pack().data());
  delete quicklist;
}

Quicklist& List::refill() {
  auto* quicklist = new Quicklist(list_limits(limits_));
  destroy(body_);
  keep(Encoding::quicklist, quicklist);
  return *quicklist;
}

void List::settle() {
  expect({});
  shrink_to(1);
}

// --- Changes.

Quicklist& List::open_quicklist() {
  auto* quicklist = body_.as<Quicklist>();
  quicklist->set_plain_bytes_min(limits_.list_plain_bytes);
  return *quicklist;
}

template <class Change>
void List::change_pack(Change change) {
  Listpack changed(body_.pointer());
  change(changed);
  keep(Encoding::listpack, changed.data());
}

void List::push(ListEnd end, std::span<const Bytes> texts) {
  expect(texts);
  if (is_listpack()) {
    change_pack([&](Listpack& pack) {
      for (const Bytes text : texts) {
        const ListpackValue value = ListpackValue::of(text);
        end == ListEnd::head ? pack.prepend(value) : pack.append(value);
      }
    });
  } else {
    Quicklist& quicklist = open_quicklist();
    for (const Bytes text : texts) quicklist.push(end, ListpackValue::of(text));
  }
}

void List::erase(std::size_t index, std::size_t count) {
  if (count == 0) return;
  if (is_listpack()) {
    change_pack([&](Listpack& pack) { pack.erase(pack.at(signed_index(index)), count); });
  } else {
    open_quicklist().erase(index, count);
    shrink();
  }
}

void List::replace(std::size_t index, const ListpackValue& value) {
  if (is_listpack()) {
    change_pack([&](Listpack& pack) { pack.replace(pack.at(signed_index(index)), value); });
  } else {
    open_quicklist().replace(index, value);
    shrink();
  }
}

void List::insert(std::size_t index, bool behind, const ListpackValue& value) {
  if (!is_listpack()) return open_quicklist().insert(index, behind, value);
  change_pack([&](Listpack& pack) {
    const auto at = pack.at(signed_index(index));
    pack.insert(behind ? pack.after(at) : at, value);
  });
}

std::size_t List::remove(ListEnd from, std::size_t count_max, const ListpackValue& value) {
  if (!is_listpack()) {
    const std::size_t removed = open_quicklist().remove(from, count_max, value);
    if (removed != 0) shrink();
    return removed;
  }
  const std::size_t matches = pack().count_equal(value);
  const std::size_t removed = std::min(matches, count_max);
  if (removed == 0) return 0;
  change_pack([&](Listpack& pack) {
    pack.erase_equal(value, from == ListEnd::head ? 0 : matches - removed, removed);
  });
  return removed;
}

}  // namespace banyan::values
