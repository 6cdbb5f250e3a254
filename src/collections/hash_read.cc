// Commands that look into hashes: HGET and its kin, HGETALL and its kin, HSCAN.
#include "collections/hash_handlers.h"
#include "commands/scan_options.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;

enum class What : std::uint8_t { fields, values, both };

void reply_field(Call& call, const HashField& field, What what) {
  if (what != What::values) call.reply.bulk(field.member);
  if (what != What::fields) call.reply.bulk(field.value);
}

template <What what>
Result<> list(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  const auto header = [&](std::size_t count) {
    what == What::both ? call.reply.map(count) : call.reply.array(count);
  };
  if (entry == nullptr) {
    header(0);
    return {};
  }
  const HashView hash(entry->body());
  const Context& context = call.db.context();
  if (!is_over(hash.soonest_expiry(), context)) [[likely]] {
    header(hash.size());
    hash.for_each([&](const HashField& f) { reply_field(call, f, what); });
    return {};
  }
  std::size_t live = 0;
  hash.for_each([&](const HashField& f) { live += is_over(f, context) ? 0 : 1; });
  header(live);
  hash.for_each([&](const HashField& f) {
    if (!is_over(f, context)) reply_field(call, f, what);
  });
  return {};
}

}  // namespace

Result<> hget(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  HashRoom room;
  const auto field = live_field(call, entry, call.arg(2), room);
  field ? call.reply.bulk(field->value) : call.reply.null();
  return {};
}

Result<> hmget(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  call.reply.array(call.size() - 2);
  for (std::size_t i = 2; i < call.size(); ++i) {
    HashRoom room;
    const auto field =
        entry == nullptr ? std::nullopt : HashView(entry->body()).find(call.arg(i), room);
    const bool over = field && is_over(*field, call.db.context());
    field && !over ? call.reply.bulk(field->value) : call.reply.null();
    if (over) [[unlikely]] {
      drop_field(call, call.arg(i));
      entry = call.db.peek(call.key());  // it may have been the last one
    }
  }
  return {};
}

Result<> hexists(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  HashRoom room;
  call.reply.integer(live_field(call, entry, call.arg(2), room) ? 1 : 0);
  return {};
}

Result<> hlen(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  const std::uint64_t size = entry == nullptr ? 0 : HashView(entry->body()).size();
  call.reply.integer(static_cast<std::int64_t>(size));
  return {};
}

Result<> hstrlen(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  HashRoom room;
  const auto field = live_field(call, entry, call.arg(2), room);
  call.reply.integer(field ? static_cast<std::int64_t>(field->value.size()) : 0);
  return {};
}

Result<> hgetall(Call& call) { return list<What::both>(call); }
Result<> hkeys(Call& call) { return list<What::fields>(call); }
Result<> hvals(Call& call) { return list<What::values>(call); }

Result<> hscan(Call& call) {
  TRY(const std::uint64_t cursor, parse_cursor(call.arg(2)));
  TRY(const Entry* entry, find_hash(call));
  if (entry == nullptr) {
    call.reply.array(2);
    call.reply.bulk("0");
    call.reply.array(0);
    return {};
  }
  TRY(const ScanOptions options, parse_scan_options(call, 3, false, true));
  const HashView hash(entry->body());
  resp::Output output;  // the cursor comes before the fields, but is known after them
  resp::ReplyWriter fields(output, call.reply.protocol());
  std::size_t count = 0;
  std::uint64_t visited = 0;
  std::uint64_t buckets = 0;
  std::uint64_t next = cursor;
  do {
    next = hash.scan(next, [&](const HashField& f) {
      ++visited;
      if (is_over(f, call.db.context()) || !options.matches(f.member)) return;
      fields.bulk(f.member);
      if (!options.no_values) fields.bulk(f.value);
      ++count;
    });
  } while (next != 0 && visited < options.count && ++buckets / 10 < options.count);
  call.reply.array(2);
  call.reply.bulk(std::to_string(next));
  call.reply.array(options.no_values ? count : 2 * count);
  call.reply.raw(output.text());
  return {};
}

}  // namespace banyan::collections
