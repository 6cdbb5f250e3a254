#include "persist/value_list.h"

#include <fmt/format.h>

#include <memory>

#include "persist/ziplist.h"
#include "values/list.h"

namespace banyan::persist {

using encodings::ListEnd;
using encodings::ListNode;
using encodings::Listpack;
using encodings::ListpackValue;
using encodings::Quicklist;
using store::Entry;
using values::List;
using values::ListView;

namespace {

// What precedes each node of a quicklist.
constexpr std::uint64_t kPlain = 1;
constexpr std::uint64_t kPacked = 2;

struct EntryDeleter {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};

Result<> read_elements(RdbReader& reader, Quicklist& list) {
  std::string scratch;
  TRY(std::uint64_t count, reader.length());
  for (; count != 0; --count) {
    TRY(const Bytes text, reader.string(scratch));
    list.push(ListEnd::tail, ListpackValue::of(text));
  }
  return {};
}

// Takes the pack.
void append_node(Quicklist& list, Listpack pack) {
  if (pack.empty()) return pack.destroy();  // some old version wrote it
  list.append(ListNode::adopt(pack));
}

Result<> read_ziplist(RdbReader& reader, Quicklist& list) {
  std::string scratch;
  TRY(const Bytes bytes, reader.string(scratch));
  const auto pack = listpack_of_ziplist(bytes);
  if (!pack) return reader.corrupt("invalid ziplist");
  append_node(list, *pack);
  return {};
}

Result<> read_node(RdbReader& reader, Quicklist& list) {
  std::string scratch;
  TRY(const std::uint64_t container, reader.length());
  TRY(const Bytes bytes, reader.string(scratch));
  if (container == kPlain) {
    if (bytes.empty()) return reader.corrupt("a list's node without content");
    list.append(ListNode::plain(bytes));
  } else if (container == kPacked) {
    if (!encodings::validate_listpack(bytes, true)) return reader.corrupt("invalid listpack");
    append_node(list, Listpack::copy_of(bytes));
  } else {
    return reader.corrupt(fmt::format("unknown kind of a list's node: {}", container));
  }
  return {};
}

Result<> read_list(RdbReader& reader, RdbType type, Quicklist& list) {
  if (type == RdbType::list) return read_elements(reader, list);
  if (type == RdbType::list_ziplist) return read_ziplist(reader, list);
  TRY(std::uint64_t nodes, reader.length());
  for (; nodes != 0; --nodes)
    TRY_DO(type == RdbType::list_quicklist ? read_ziplist(reader, list) : read_node(reader, list));
  return {};
}

}  // namespace

bool append_list(std::string& out, const Entry& entry, Compression compression,
                 ValueProgress& progress) {
  const ListView list(entry.body());
  if (list.is_listpack()) {
    append_length(out, 1);
    append_length(out, kPacked);
    append_string(out, list.pack().bytes(), compression);
    progress.spend(list.pack().bytes().size());
    return true;
  }
  const auto& nodes = list.quicklist().nodes();
  if (progress.next == 0) append_length(out, nodes.size());
  for (; progress.next < nodes.size() && !progress.is_piece_over(); ++progress.next) {
    const ListNode& node = nodes[progress.next];
    append_length(out, node.is_plain() ? kPlain : kPacked);
    if (node.is_compressed()) {
      append_lzf(out, node.stored(), node.bytes());
    } else {
      append_string(out, node.stored(), compression);
    }
    progress.spend(node.stored().size());
  }
  return progress.next == nodes.size();
}

Result<Entry*> load_list(RdbReader& reader, RdbType type, Bytes key,
                         const values::EncodingLimits& limits) {
  std::unique_ptr<Entry, EntryDeleter> entry(Entry::make_collection(key, values::Type::list));
  Quicklist& content = List(entry->body(), limits).refill();
  TRY_DO(read_list(reader, type, content));
  if (content.size() == 0) return nullptr;
  List(entry->body(), limits).settle();
  return entry.release();
}

}  // namespace banyan::persist
