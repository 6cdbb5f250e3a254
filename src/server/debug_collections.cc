// DEBUG HTSTATS-KEY and DEBUG LISTPACK: how one collection is laid out.
#include "server/debug_handlers.h"
#include "server/node_access.h"
#include "values/hash_value.h"
#include "values/set.h"

namespace banyan::server {

using commands::Call;
using values::Encoding;

namespace {

// Null where the collection has no such table.
const encodings::PackedTable* table_of(const store::Entry& entry) {
  if (entry.encoding() != Encoding::hashtable) return nullptr;
  return entry.type() == values::Type::set ? &values::Set::of(entry.body()).table()
                                           : &values::HashView(entry.body()).big().table();
}

}  // namespace

Result<> debug_key_table(Call& call) {
  const store::Entry* entry = find_raw(call, call.arg(2));
  if (entry == nullptr) return fail(Errc::no_such_key);
  const encodings::PackedTable* table = table_of(*entry);
  if (table == nullptr)
    return fail("The value stored at the specified key is not represented using an hash table");
  std::uint64_t used = 0, longest = 0;
  for (std::uint32_t bucket = 0; bucket < table->bucket_count(); ++bucket) {
    std::uint64_t items = 0;
    table->visit_bucket(bucket, [&](const encodings::PackedItem&) { ++items; });
    used += items > 0 ? 1 : 0;
    longest = std::max(longest, items);
  }
  const auto per_bucket = [&](std::uint64_t buckets) {
    return buckets == 0 ? 0.0 : static_cast<double>(table->size()) / static_cast<double>(buckets);
  };
  call.reply.verbatim(
      "txt", fmt::format("Hash table 0 stats (main hash table):\n table size: {}\n"
                         " number of elements: {}\n different slots: {}\n max chain length: {}\n"
                         " avg chain length (counted): {:.2f}\n"
                         " avg chain length (computed): {:.2f}\n bytes: {}\n",
                         table->bucket_count(), table->size(), used, longest, per_bucket(used),
                         per_bucket(table->bucket_count()), table->memory_bytes()));
  return {};
}

Result<> debug_listpack(Call& call) {
  const store::Entry* entry = find_raw(call, call.arg(2));
  if (entry == nullptr) return fail(Errc::no_such_key);
  if (entry->encoding() != Encoding::listpack && entry->encoding() != Encoding::listpack_ex)
    return fail("Not a listpack encoded object.");
  const encodings::ListpackView pack(entry->body().pointer());
  std::string text =
      fmt::format("{{total bytes {}}} {{num entries {}}}", pack.total_bytes(), pack.size());
  for (auto at = pack.begin(); at != pack.end();) {
    encodings::ListpackValue value;
    const auto next = pack.read(at, value);
    text += fmt::format("\n{{offset {}, bytes {}, {}}}", at, next - at,
                        value.is_integer ? fmt::format("integer {}", value.integer)
                                         : fmt::format("text of {}", value.text.size()));
    at = next;
  }
  server_of(call).logger().warning("DEBUG LISTPACK: {}", text);
  call.reply.simple("Listpack structure printed on stdout");
  return {};
}

}  // namespace banyan::server
