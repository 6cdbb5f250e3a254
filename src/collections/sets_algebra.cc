// SDIFF, SINTER, SUNION, their STORE forms and SINTERCARD.
#include <algorithm>
#include <memory>
#include <vector>

#include "collections/families.h"
#include "collections/sets.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using values::Body;
using values::Set;
using values::SetMember;
using values::Type;

struct DestroyEntry {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};

// A set that is being made, of a key or of none.
class ResultSet {
 public:
  ResultSet(Call& call, Bytes key)
      : limits_(call.db.context().limits), entry_(Entry::make_collection(key, Type::set)) {}

  bool add(const SetMember& member) { return set().add(member, limits_); }
  bool remove(const SetMember& member) {
    IntegerText room;
    return set().remove(member.as_text(room));
  }
  Set set() { return Set(entry_->body()); }
  Entry* release() { return entry_.release(); }

 private:
  const values::EncodingLimits& limits_;
  std::unique_ptr<Entry, DestroyEntry> entry_;
};

using Operands = std::vector<const Body*>;

// The sets at keys `first` and on; null for a missing one, which is an empty one.
Result<Operands> operands(Call& call, std::size_t first) {
  Operands sets;
  for (const store::Key& key : call.keys.subspan(first)) {
    TRY(const Body* body, find_set(call, key));
    sets.push_back(body);
  }
  return sets;
}

std::size_t size_of(const Body* body) { return body == nullptr ? 0 : Set::of(*body).size(); }

// fn(member) for every member that all sets have, until it answers false. The smallest set is
// walked.
template <class Fn>
void intersect(Operands sets, const Fn& fn) {
  if (std::ranges::find(sets, nullptr) != sets.end()) return;
  std::ranges::sort(sets, {}, size_of);
  const Body* smallest = sets[0];
  std::erase(sets, smallest);
  Set::of(*smallest).visit([&](const SetMember& member) {
    for (const Body* other : sets)
      if (!Set::of(*other).contains(member)) return true;
    return static_cast<bool>(fn(member));
  });
}

// fn(member) for every member of the first set that no other has.
template <class Fn>
void subtract(Call& call, Operands sets, const Fn& fn) {
  const Body* first = sets[0];
  sets.erase(sets.begin());
  std::erase(sets, nullptr);
  if (first == nullptr || std::ranges::find(sets, first) != sets.end()) return;
  // Looking up every member of the first set costs its size for each other set; taking the members
  // of the others out of a copy costs the size of all. The lookups end early: they count half.
  std::size_t sizes = size_of(first);
  for (const Body* other : sets) sizes += size_of(other);
  if (size_of(first) * (sets.size() + 1) / 2 <= sizes) {
    std::ranges::sort(sets, std::ranges::greater(), size_of);
    return Set::of(*first).for_each([&](const SetMember& member) {
      for (const Body* other : sets)
        if (Set::of(*other).contains(member)) return;
      fn(member);
    });
  }
  ResultSet rest(call, {});
  Set::of(*first).for_each([&](const SetMember& member) { rest.add(member); });
  for (const Body* other : sets) {
    Set::of(*other).for_each([&](const SetMember& member) { rest.remove(member); });
    if (rest.set().empty()) return;
  }
  rest.set().for_each(fn);
}

void unite(const Operands& sets, ResultSet& result) {
  for (const Body* body : sets)
    if (body != nullptr)
      Set::of(*body).for_each([&](const SetMember& member) { result.add(member); });
}

// Puts the result at the first key; an empty one means that there is nothing.
void store_result(Call& call, ResultSet& result, Bytes event) {
  const store::Key& key = call.key();
  const auto size = static_cast<std::int64_t>(result.set().size());
  if (size > 0) {
    call.db.put(key, result.release());
    call.db.changed(key, EventKind::set, event);
  } else if (call.db.erase(key)) {
    call.db.changed(key, EventKind::generic, "del");
  }
  call.reply.integer(size);
}

Result<> sinter(Call& call) {
  TRY(Operands sets, operands(call, 0));
  const auto reply = call.reply.begin_set();
  std::size_t count = 0;
  intersect(std::move(sets), [&](const SetMember& member) {
    reply_member(call.reply, member);
    return ++count;
  });
  call.reply.end_set(reply, count);
  return {};
}

Result<> sinterstore(Call& call) {
  TRY(Operands sets, operands(call, 1));
  ResultSet result(call, call.key().text);
  intersect(std::move(sets), [&](const SetMember& member) { return result.add(member); });
  store_result(call, result, "sinterstore");
  return {};
}

Result<> sintercard(Call& call) {
  const auto keys = parse_int(call.arg(1));
  if (!keys || *keys < 1) return fail("numkeys should be greater than 0");
  if (static_cast<std::uint64_t>(*keys) > call.size() - 2)
    return fail("Number of keys can't be greater than number of args");
  std::uint64_t limit = 0;
  for (std::size_t i = 2 + static_cast<std::size_t>(*keys); i < call.size(); i += 2) {
    if (!call.is(i, "limit") || i + 1 == call.size()) return fail(Errc::syntax);
    const auto value = parse_int(call.arg(i + 1));
    if (!value || *value < 0) return fail("LIMIT can't be negative");
    limit = static_cast<std::uint64_t>(*value);
  }
  TRY(Operands sets, operands(call, 0));
  std::uint64_t count = 0;
  intersect(std::move(sets), [&](const SetMember&) { return ++count != limit; });
  call.reply.integer(static_cast<std::int64_t>(count));
  return {};
}

Result<> sdiff(Call& call) {
  TRY(Operands sets, operands(call, 0));
  const auto reply = call.reply.begin_set();
  std::size_t count = 0;
  subtract(call, std::move(sets), [&](const SetMember& member) {
    reply_member(call.reply, member);
    ++count;
  });
  call.reply.end_set(reply, count);
  return {};
}

Result<> sdiffstore(Call& call) {
  TRY(Operands sets, operands(call, 1));
  ResultSet result(call, call.key().text);
  subtract(call, std::move(sets), [&](const SetMember& member) { result.add(member); });
  store_result(call, result, "sdiffstore");
  return {};
}

Result<> sunion(Call& call) {
  TRY(const Operands sets, operands(call, 0));
  ResultSet result(call, {});
  unite(sets, result);
  reply_members(call.reply, result.set());
  return {};
}

Result<> sunionstore(Call& call) {
  TRY(const Operands sets, operands(call, 1));
  ResultSet result(call, call.key().text);
  unite(sets, result);
  store_result(call, result, "sunionstore");
  return {};
}

constexpr KeyFlag kRead = KeyFlag::ro | KeyFlag::access;
constexpr KeyFlag kOverwrite = KeyFlag::ow | KeyFlag::update;

constexpr CommandSpec reading(std::string_view name, std::string_view summary,
                              std::string_view complexity, Result<> (*run)(Call&)) {
  return {.name = name,
          .summary = summary,
          .complexity = complexity,
          .since = "1.0.0",
          .group = Group::set,
          .arity = at_least(2),
          .flags = Flag::readonly | Flag::shares_keys,
          .keys = {keys_from(1, kRead)},
          .syntax = "key [key ...]",
          .tips = "nondeterministic_output_order",
          .run = run};
}

constexpr CommandSpec storing(std::string_view name, std::string_view summary,
                              std::string_view complexity, KeyFlag target, Result<> (*run)(Call&)) {
  return {.name = name,
          .summary = summary,
          .complexity = complexity,
          .since = "1.0.0",
          .group = Group::set,
          .arity = at_least(3),
          .flags = Flag::write | Flag::deny_oom,
          .keys = {key_at(1, target), keys_from(2, kRead)},
          .syntax = "destination key [key ...]",
          .run = run};
}

constexpr std::string_view kSum = "O(N) in the members of all sets.";
constexpr std::string_view kProduct =
    "O(N*M) at worst, for N members of the smallest set and M sets.";

constexpr CommandSpec kTable[] = {
    reading("sdiff", "Lists the members of a set that no other of several sets has.", kSum, sdiff),
    storing("sdiffstore", "Stores the members of a set that no other of several sets has.", kSum,
            kOverwrite, sdiffstore),
    reading("sinter", "Lists the members that all of several sets have.", kProduct, sinter),
    {.name = "sintercard",
     .summary = "Counts the members that all of several sets have.",
     .complexity = kProduct,
     .since = "7.0.0",
     .group = Group::set,
     .arity = at_least(3),
     .flags = Flag::readonly | Flag::shares_keys,
     .keys = {KeySpec{.flags = kRead,
                      .begin = KeySpec::Begin::index,
                      .index = 1,
                      .find = KeySpec::Find::count,
                      .first_at = 1}},
     .syntax = "numkeys key [key ...] [LIMIT limit]",
     .run = sintercard},
    storing("sinterstore", "Stores the members that all of several sets have.", kProduct,
            KeyFlag::rw | KeyFlag::update, sinterstore),
    reading("sunion", "Lists the members that any of several sets has.", kSum, sunion),
    storing("sunionstore", "Stores the members that any of several sets has.", kSum, kOverwrite,
            sunionstore),
};
static_assert(valid(kTable));

}  // namespace

Family set_algebra_commands() { return kTable; }

}  // namespace banyan::collections
