// SORT and SORT_RO.
//
// With BY or GET they may look at keys that no word names: then they hold the locks of all keys.
#include <algorithm>
#include <numeric>

#include "base/size.h"
#include "commands/keys.h"
#include "generic/families.h"
#include "generic/sort_elements.h"
#include "generic/sort_pattern.h"
#include "values/list.h"

namespace banyan::generic {

using namespace commands;

namespace {

using store::Entry;
using values::Type;

struct SortOptions {
  bool descending = false;
  bool alpha = false;
  std::int64_t offset = 0;
  std::int64_t count = -1;  // negative: all
  bool keeps_order = false;
  std::optional<SortPattern> by = std::nullopt;
  std::vector<SortPattern> get = {};
  bool stores = false;  // then the target is the call's last key
};

Result<SortOptions> parse_options(const Call& call) {
  const bool may_store = has(call.spec.flags, Flag::write);
  const bool has_slots = call.db.context().keyspace.has_slots();
  SortOptions options;
  for (std::size_t i = 2; i < call.size(); ++i) {
    const std::size_t left = call.size() - i - 1;
    if (call.is(i, "asc") || call.is(i, "desc")) {
      options.descending = call.is(i, "desc");
    } else if (call.is(i, "alpha")) {
      options.alpha = true;
    } else if (call.is(i, "limit") && left >= 2) {
      TRY(options.offset, call.int_arg(i + 1));
      TRY(options.count, call.int_arg(i + 2));
      i += 2;
    } else if (may_store && call.is(i, "store") && left >= 1) {
      options.stores = true;
      ++i;
    } else if (call.is(i, "by") && left >= 1) {
      options.by.emplace(call.arg(++i));
      if (!options.by->names_keys()) {
        options.keeps_order = true;
      } else if (has_slots) {
        return fail("BY option of SORT denied in Cluster mode.");
      }
    } else if (call.is(i, "get") && left >= 1) {
      if (has_slots) return fail("GET option of SORT denied in Cluster mode.");
      options.get.emplace_back(call.arg(++i));
    } else {
      return fail(Errc::syntax);
    }
  }
  return options;
}

// SORT's last STORE names a key; its key specs cannot say which one that is.
void find_target(std::span<const Bytes> words, std::vector<KeyPosition>& out) {
  std::uint32_t target = 0;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (equals_ignoring_case(words[i], "limit")) {
      i += 2;
    } else if (equals_ignoring_case(words[i], "get") || equals_ignoring_case(words[i], "by")) {
      ++i;
    } else if (equals_ignoring_case(words[i], "store") && i + 1 < words.size()) {
      target = static_cast<std::uint32_t>(++i);
    }
  }
  if (target != 0) out.push_back({target, KeyFlag::ow | KeyFlag::update});
}

bool reads_any_key(std::span<const Bytes> words) {
  for (std::size_t i = 2; i + 1 < words.size(); ++i)
    if ((equals_ignoring_case(words[i], "by") || equals_ignoring_case(words[i], "get")) &&
        words[i + 1].find('*') != Bytes::npos)
      return true;
  return false;
}

// Which elements of the order are wanted.
Range wanted_range(const SortOptions& options, std::size_t size) {
  const auto n = static_cast<std::int64_t>(size);
  const std::int64_t first = std::clamp<std::int64_t>(options.offset, 0, n);
  const std::int64_t left = n - first;
  const std::int64_t count = options.count < 0 ? left : std::min(options.count, left);
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(count)};
}

// The weights, by key or of the elements themselves.
Result<SortWeights> weights_of(Call& call, SortOptions& options, const SortElements& elements) {
  SortWeights weights{.alpha = options.alpha};
  if (options.alpha && !options.by) return weights;
  bool all_numbers = true;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (!options.by) {
      const auto number = elements.number(i);
      all_numbers = all_numbers && number;
      weights.numbers.push_back(number.value_or(0));
      continue;
    }
    IntegerText room;
    const auto found = options.by->look_up(call, elements.text(i, room));
    if (options.alpha) {
      weights.texts.emplace_back(found);
      continue;
    }
    const auto number = found ? sort_number(*found) : 0;
    all_numbers = all_numbers && number;
    weights.numbers.push_back(number.value_or(0));
  }
  if (!all_numbers) return fail("One or more scores can't be converted into double");
  return weights;
}

// fn(value) for every value of the result; nullopt for one that a GET did not find.
template <class Fn>
void for_each_value(Call& call, SortOptions& options, const SortElements& elements,
                    std::span<const std::uint32_t> order, const Fn& fn) {
  for (const std::uint32_t index : order) {
    IntegerText room;
    const Bytes element = elements.text(index, room);
    if (options.get.empty()) fn(std::optional<Bytes>(element));
    for (SortPattern& pattern : options.get) fn(pattern.look_up(call, element));
  }
}

void reply_values(Call& call, SortOptions& options, const SortElements& elements,
                  std::span<const std::uint32_t> order) {
  call.reply.array(order.size() * std::max<std::size_t>(options.get.size(), 1));
  for_each_value(call, options, elements, order, [&](std::optional<Bytes> value) {
    value ? call.reply.bulk(*value) : call.reply.null();
  });
}

// As a list; what was not found as an empty element. No element: no list.
void store_values(Call& call, SortOptions& options, const SortElements& elements,
                  std::span<const std::uint32_t> order) {
  const store::Key& target = call.keys.back();
  if (order.empty()) {
    if (call.db.erase(target)) call.db.changed(target, EventKind::generic, "del");
    call.reply.integer(0);
    return;
  }
  Entry* entry = Entry::make_collection(target.text, Type::list);
  values::List list(entry->body(), call.db.context().limits);
  for_each_value(call, options, elements, order, [&](std::optional<Bytes> value) {
    const Bytes text = value.value_or(Bytes());
    list.push(encodings::ListEnd::tail, {&text, 1});
  });
  const std::size_t size = list.size();
  call.db.put(target, entry);
  call.db.changed(target, EventKind::list, "sortstore");
  call.effects().changed(size - 1);
  call.reply.integer(static_cast<std::int64_t>(size));
}

Result<> sort(Call& call) {
  TRY(SortOptions options, parse_options(call));
  const Entry* entry = call.db.find(call.key());
  if (entry != nullptr && entry->type() != Type::set && entry->type() != Type::list &&
      entry->type() != Type::sorted_set)
    return fail(Errc::wrong_type);
  // A set has no order that replicas, or a script run again, would agree with.
  const bool must_agree = options.stores || call.session.kind == SessionKind::internal;
  if (options.keeps_order && entry != nullptr && entry->type() == Type::set && must_agree) {
    options.keeps_order = false;
    options.alpha = true;
    options.by.reset();
  }
  const std::size_t size = entry == nullptr ? 0 : SortElements::count(*entry);
  Range wanted = wanted_range(options, size);
  SortElements elements;
  if (entry != nullptr) {
    const bool backward = options.keeps_order && options.descending;
    elements = SortElements(*entry, options.keeps_order ? wanted : Range{0, size}, backward);
  }
  std::vector<std::uint32_t> order;
  if (options.keeps_order) {
    wanted.first = 0;
    order.resize(wanted.count);
    std::iota(order.begin(), order.end(), 0U);
  } else {
    TRY(const SortWeights weights, weights_of(call, options, elements));
    order = sort_elements(elements, weights, options.descending, wanted.first, wanted.count);
  }
  const auto chosen = std::span<const std::uint32_t>(order).subspan(wanted.first, wanted.count);
  if (options.stores) {
    store_values(call, options, elements, chosen);
  } else {
    reply_values(call, options, elements, chosen);
  }
  return {};
}

constexpr KeyFlag kRead = KeyFlag::ro | KeyFlag::access;
constexpr Category kCategories =
    Category::set | Category::sorted_set | Category::list | Category::dangerous;
constexpr std::string_view kComplexity =
    "O(N+M*log(M)) for N elements of which M are answered; O(N) where nothing is sorted.";
constexpr KeySpec kPatternKeys = {
    .flags = kRead,
    .begin = KeySpec::Begin::unknown,
    .notes = "The keys that BY and GET look at follow from the elements of the key."};
constexpr KeySpec kTarget = {.flags = KeyFlag::ow | KeyFlag::update,
                             .begin = KeySpec::Begin::unknown,
                             .notes = "The key behind STORE, which may be anywhere."};

constexpr CommandSpec kTable[] = {
    {.name = "sort",
     .summary = "Sorts the elements of a list, a set or a sorted set, and may store the result.",
     .complexity = kComplexity,
     .since = "1.0.0",
     .group = Group::generic,
     .arity = at_least(2),
     .flags = Flag::write | Flag::deny_oom,
     .categories = kCategories,
     .keys = {key_at(1, kRead), kPatternKeys, kTarget},
     .syntax = "key [BY by-pattern:pattern] [LIMIT offset count] [GET get-pattern:pattern [GET "
               "get-pattern:pattern ...]] [ASC | DESC] [ALPHA] [STORE destination]",
     .more_keys = find_target,
     .reads_any_key = reads_any_key,
     .run = sort},
    {.name = "sort_ro",
     .summary = "Sorts the elements of a list, a set or a sorted set.",
     .complexity = kComplexity,
     .since = "7.0.0",
     .group = Group::generic,
     .arity = at_least(2),
     .flags = Flag::readonly | Flag::shares_keys,
     .categories = kCategories,
     .keys = {key_at(1, kRead), kPatternKeys},
     .syntax = "key [BY by-pattern:pattern] [LIMIT offset count] [GET get-pattern:pattern [GET "
               "get-pattern:pattern ...]] [ASC | DESC] [ALPHA]",
     .reads_any_key = reads_any_key,
     .run = sort},
};
static_assert(valid(kTable));

}  // namespace

Family sort_commands() { return kTable; }

}  // namespace banyan::generic
