// LLEN, LINDEX, LRANGE, LPOS: looking at a list.
#include <limits>

#include "base/size.h"
#include "collections/list_handlers.h"

namespace banyan::collections {

using namespace commands;
using encodings::ListpackValue;
using store::Entry;
using values::ListView;
using values::Type;

Result<> llen(Call& call) {
  TRY(const Entry* entry, call.db.find(call.key(), Type::list));
  const std::size_t size = entry == nullptr ? 0 : ListView(entry->body()).size();
  call.reply.integer(static_cast<std::int64_t>(size));
  return {};
}

Result<> lindex(Call& call) {
  TRY(const Entry* entry, call.db.find(call.key(), Type::list));
  if (entry == nullptr) {  // before the index is looked at
    call.reply.null();
    return {};
  }
  TRY(const std::int64_t index, call.int_arg(2));
  const ListView list(entry->body());
  const Range range = clamp_range(index, index, list.size());
  if (range.count == 0) call.reply.null();
  list.visit(range.first, range.count, false, [&](const ListpackValue& value) {
    IntegerText room;
    call.reply.bulk(value.as_text(room));
    return true;
  });
  return {};
}

Result<> lrange(Call& call) {
  TRY(const std::int64_t start, call.int_arg(2));
  TRY(const std::int64_t stop, call.int_arg(3));
  TRY(const Entry* entry, call.db.find(call.key(), Type::list));
  if (entry == nullptr) {
    call.reply.array(0);
    return {};
  }
  const ListView list(entry->body());
  const Range range = clamp_range(start, stop, list.size());
  resp::ReplyWriter& reply = call.reply;
  reply.array(range.count);
  list.visit(range.first, range.count, false, [&](const ListpackValue& value) {
    IntegerText room;
    reply.bulk(value.as_text(room));
    return true;
  });
  return {};
}

namespace {

constexpr std::int64_t kIntegerMax = std::numeric_limits<std::int64_t>::max();

struct PositionOptions {
  std::uint64_t rank = 1;  // the first match that counts
  bool from_tail = false;
  std::optional<std::uint64_t> count;  // of matches to tell, 0: all; without it one, and no array
  std::uint64_t length_max = 0;        // of elements to look at, 0: all
};

Result<std::uint64_t> positive_arg(const Call& call, std::size_t i, std::string_view name) {
  const auto value = parse_int(call.arg(i));
  if (!value || *value < 0) return fail(std::string(name) + " can't be negative");
  return static_cast<std::uint64_t>(*value);
}

Result<> rank_arg(const Call& call, std::size_t i, PositionOptions& options) {
  TRY(const std::int64_t rank, call.int_arg(i));
  if (rank < -kIntegerMax)
    return fail(
        "value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  if (rank == 0)
    return fail(
        "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or "
        "use negative to start from the end of the list");
  options.from_tail = rank < 0;
  options.rank = static_cast<std::uint64_t>(rank < 0 ? -rank : rank);
  return {};
}

Result<PositionOptions> position_options(const Call& call) {
  PositionOptions options;
  for (std::size_t i = 3; i < call.size(); ++i) {
    const bool has_value = i + 1 < call.size();
    if (call.is(i, "rank") && has_value) {
      TRY_DO(rank_arg(call, ++i, options));
    } else if (call.is(i, "count") && has_value) {
      TRY(options.count, positive_arg(call, ++i, "COUNT"));
    } else if (call.is(i, "maxlen") && has_value) {
      TRY(options.length_max, positive_arg(call, ++i, "MAXLEN"));
    } else {
      return fail(Errc::syntax);
    }
  }
  return options;
}

// Calls found(index) for the matches that count, until it returns false.
template <class Found>
void find_positions(const ListView& list, Bytes text, const PositionOptions& options, Found found) {
  const ListpackValue wanted = ListpackValue::of(text);
  const std::size_t size = list.size();
  const std::size_t length =
      options.length_max == 0 ? size : std::min<std::size_t>(options.length_max, size);
  const std::size_t from = options.from_tail ? size - 1 : 0;
  std::size_t seen = 0;
  std::uint64_t matches = 0;
  list.visit(from, length, options.from_tail, [&](const ListpackValue& value) {
    const std::size_t index = options.from_tail ? from - seen : seen;
    ++seen;
    return !value.equals(wanted) || ++matches < options.rank || found(index);
  });
}

}  // namespace

Result<> lpos(Call& call) {
  TRY(const PositionOptions options, position_options(call));
  TRY(const Entry* entry, call.db.find(call.key(), Type::list));
  if (!options.count) {
    std::optional<std::size_t> position;
    if (entry != nullptr)
      find_positions(ListView(entry->body()), call.arg(2), options, [&](std::size_t index) {
        position = index;
        return false;
      });
    position ? call.reply.integer(static_cast<std::int64_t>(*position)) : call.reply.null();
    return {};
  }
  if (entry == nullptr) {
    call.reply.array(0);
    return {};
  }
  const auto array = call.reply.begin_array();
  std::size_t told = 0;
  find_positions(ListView(entry->body()), call.arg(2), options, [&](std::size_t index) {
    call.reply.integer(static_cast<std::int64_t>(index));
    return ++told != *options.count;  // 0: never
  });
  call.reply.end_array(array, told);
  return {};
}

}  // namespace banyan::collections
