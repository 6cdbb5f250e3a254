#include "persist/values.h"
#include "server/debug_handlers.h"
#include "server/digest.h"
#include "server/node_access.h"
#include "values/list.h"

namespace banyan::server {

using commands::Call;

const store::Entry* find_raw(Call& call, Bytes text) {
  store::Keyspace& keyspace = server_of(call).keyspace();
  const store::Key key = keyspace.key(text);
  const store::Table::Slot slot = keyspace.table(call.db.number(), key).find(text, key.hash);
  return slot ? slot.entry() : nullptr;
}

namespace {

void visit_all(const store::TableSet& database, const store::Table::Visit& visit) {
  for (std::uint32_t t = 0; t < database.table_count(); ++t) {
    const store::Table& table = database.table(t);
    for (std::uint32_t b = 0; b < table.bucket_count(); ++b) table.visit_bucket(b, false, visit);
  }
}

// How many bytes the value takes in an RDB file.
std::size_t saved_bytes(const store::Entry& entry, bool compressed) {
  std::string out;
  persist::append_value(out, entry,
                        compressed ? persist::Compression::lzf : persist::Compression::off);
  return out.size();
}

// Of a long list: its nodes.
std::string list_figures(const store::Entry& entry) {
  if (entry.encoding() != values::Encoding::quicklist) return {};
  const encodings::Quicklist& list = values::ListView(entry.body()).quicklist();
  std::size_t bytes = 0;
  for (const encodings::ListNode& node : list.nodes()) bytes += node.bytes();
  return fmt::format(
      " ql_nodes:{} ql_avg_node:{:.2f} ql_listpack_max:{} ql_compressed:{} "
      "ql_uncompressed_size:{}",
      list.nodes().size(),
      static_cast<double>(list.size()) / static_cast<double>(list.nodes().size()),
      list.limits().node_limit, list.limits().compress_depth != 0 ? 1 : 0, bytes);
}

}  // namespace

Result<> debug_digest(Call& call) {
  const store::Keyspace& keyspace = server_of(call).keyspace();
  Digest all;
  for (unsigned number = 0; number < keyspace.database_count(); ++number) {
    const store::TableSet& database = keyspace.database(number);
    if (database.size() == 0) continue;
    all.mix_number(number);
    visit_all(database, [&](const store::Entry& entry) {
      Digest one;
      one.mix(entry.key());
      one.add_value(entry);
      all.add_unordered(one);
    });
  }
  call.reply.simple(all.text());
  return {};
}

Result<> debug_digest_value(Call& call) {
  call.reply.array(call.size() - 2);
  for (const Bytes key : call.words.subspan(2)) {
    Digest digest;
    if (const store::Entry* entry = find_raw(call, key)) digest.add_value(*entry);
    call.reply.simple(digest.text());
  }
  return {};
}

Result<> debug_list_threshold(Call& call) {
  constexpr std::int64_t kThresholdMax = (std::int64_t{1} << 32) - (1 << 20);
  const auto bytes = parse_memory(call.arg(2));
  if (!bytes || *bytes < 0 || *bytes > kThresholdMax)
    return fail("argument must be a memory value bigger than 1 and smaller than 4gb");
  // Never more than the default: a node's listpack is limited to that.
  const std::uint64_t default_bytes = values::EncodingLimits().list_plain_bytes;
  const std::uint64_t plain_bytes =
      *bytes == 0 ? default_bytes : std::min(static_cast<std::uint64_t>(*bytes), default_bytes);
  for (const auto& worker : server_of(call).workers())
    worker->dispatcher().context().limits.list_plain_bytes = plain_bytes;
  call.reply.ok();
  return {};
}

Result<> debug_object(Call& call) {
  const store::Entry* entry = find_raw(call, call.arg(2));
  if (entry == nullptr) return fail(Errc::no_such_key);
  const auto clock = static_cast<std::uint32_t>(call.now() / 1000) & 0xffffff;
  call.reply.simple(fmt::format(
      "Value at:{} refcount:1 encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}{}",
      static_cast<const void*>(entry), values::name_of(entry->encoding()),
      saved_bytes(*entry, server_of(call).settings().persistence.rdb_compression), entry->access(),
      call.db.context().lfu ? 0 : (clock - entry->access()) & 0xffffff, list_figures(*entry)));
  return {};
}

// Not logged: for filling one node.
Result<> debug_populate(Call& call) {
  const auto count = parse_int(call.arg(2));
  const auto size = call.size() == 5 ? parse_int(call.arg(4)) : 0;
  const auto size_max = static_cast<std::int64_t>(call.string_bytes_max);
  if (!count || *count < 0 || !size || *size < 0 || *size > size_max)
    return fail("value is out of range, must be positive");
  const Bytes prefix = call.size() > 3 ? call.arg(3) : "key";
  for (std::int64_t i = 0; i < *count; ++i) {
    const std::string text = fmt::format("{}:{}", prefix, i);
    const store::Key key = call.db.key(text);
    if (call.db.place(key)) continue;
    std::string value = fmt::format("value:{}", i);
    if (*size > 0) value.resize(static_cast<std::size_t>(*size));
    call.db.set_string(key, store::StringValue::of(value));
  }
  call.reply.ok();
  return {};
}

Result<> debug_table_statistics(Call& call) {
  const auto number = parse_int(call.arg(2));
  if (!number) return fail(Errc::not_an_integer);
  const store::Keyspace& keyspace = server_of(call).keyspace();
  if (*number < 0 || *number >= keyspace.database_count()) return fail("Out of range database");
  const store::TableSet& database = keyspace.database(static_cast<unsigned>(*number));
  std::uint64_t buckets = 0, used = 0, longest = 0;
  for (std::uint32_t t = 0; t < database.table_count(); ++t) {
    const store::Table& table = database.table(t);
    buckets += table.bucket_count();
    for (std::uint32_t b = 0; b < table.bucket_count(); ++b) {
      std::uint64_t keys = 0;
      table.visit_bucket(b, false, [&](const store::Entry&) { ++keys; });
      used += keys > 0 ? 1 : 0;
      longest = std::max(longest, keys);
    }
  }
  const auto per_bucket = [&](std::uint64_t of) {
    return of == 0 ? 0.0 : static_cast<double>(database.size()) / static_cast<double>(of);
  };
  call.reply.verbatim(
      "txt",
      fmt::format("[Dictionary HT]\nHash table 0 stats (main hash table):\n tables: {}\n"
                  " table size: {}\n number of elements: {}\n different slots: {}\n"
                  " max chain length: {}\n avg chain length (counted): {:.2f}\n"
                  " avg chain length (computed): {:.2f}\n overhead bytes: {}\n"
                  "[Expires HT]\n number of elements: {}\n",
                  database.table_count(), buckets, database.size(), used, longest, per_bucket(used),
                  per_bucket(buckets), database.overhead_bytes(), database.expiring_count()));
  return {};
}

}  // namespace banyan::server
