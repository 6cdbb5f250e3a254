// SPOP and SRANDMEMBER. What was popped is logged by name: a replica must not choose anew.
#include <limits>
#include <unordered_set>
#include <vector>

#include "collections/families.h"
#include "collections/sets.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using values::Body;
using values::Encoding;
using values::Set;
using values::SetMember;
using values::Type;

// Tells, of items that come one by one, which to take, so that a random `wanted` out of `total` are
// taken (selection sampling, Knuth volume 2, 3.4.2 S). Requires: wanted <= total.
class Sampler {
 public:
  Sampler(Rng& rng, std::uint64_t wanted, std::uint64_t total)
      : rng_(rng), wanted_(wanted), left_(total) {}
  bool take() {
    const bool taken = rng_.below(left_) < wanted_;
    --left_;
    wanted_ -= taken ? 1 : 0;
    return taken;
  }

 private:
  Rng& rng_;
  std::uint64_t wanted_;
  std::uint64_t left_;
};

// Replies members that are popped, and logs them as SREM, so many in a command.
class Popped {
 public:
  explicit Popped(Call& call) : call_(call) {}

  void add(const SetMember& member) {
    reply_member(call_.reply, member);
    IntegerText room;
    text_ += member.as_text(room);
    ends_.push_back(text_.size());
    if (ends_.size() == kBatch) log();
  }
  void log() {
    if (ends_.empty()) return;
    std::vector<Bytes> words = {"SREM", call_.key().text};
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
      words.push_back(Bytes(text_).substr(begin, end - begin));
      begin = end;
    }
    call_.effects().instead(std::span<const Bytes>(words));
    text_.clear();
    ends_.clear();
  }

 private:
  static constexpr std::size_t kBatch = 1024;

  Call& call_;
  std::string text_;
  std::vector<std::size_t> ends_;
};

Result<> pop_one(Call& call) {
  const store::Key& key = call.key();
  TRY(const Database::Place place, call.db.place(key, Type::set));
  if (!place) {
    call.reply.null();
    return {};
  }
  Set set(call.db.writable(place)->body());
  set.pop_random(call.rng(), [&](const SetMember& member) {
    IntegerText room;
    const Bytes text = member.as_text(room);
    call.reply.bulk(text);
    call.effects().instead({"SREM", key.text, text});
  });
  call.db.changed(key, EventKind::set, "spop");
  if (set.empty()) erase_emptied(call, key, place);
  return {};
}

// Most of a hashtable goes: what stays is put into a new set, which may be a smaller encoding.
void pop_most(Call& call, Body& body, std::uint64_t count, Popped& popped) {
  const values::EncodingLimits& limits = call.db.context().limits;
  const Set old = Set::of(body);
  const std::uint64_t total = old.size();
  Sampler stays(call.rng(), total - count, total);
  Entry* rest = Entry::make_collection({}, Type::set);
  Set::destroy(rest->body());
  Set::create(rest->body(), Encoding::listpack, limits.table_secret);
  Set kept(rest->body());
  old.for_each([&](const SetMember& member) {
    if (stays.take()) {
      kept.add(member, limits);
    } else {
      popped.add(member);
    }
  });
  std::swap(body, rest->body());
  call.db.dispose(rest);
}

Result<> pop_some(Call& call) {
  const auto wanted = parse_int(call.arg(2));
  if (!wanted || *wanted < 0) return fail("value is out of range, must be positive");
  const store::Key& key = call.key();
  TRY(const Database::Place place, call.db.place(key, Type::set));
  const auto count = static_cast<std::uint64_t>(*wanted);
  if (!place || count == 0) {
    call.reply.set(0);
    return {};
  }
  const std::uint64_t size = Set::of(place.entry()->body()).size();
  call.db.changed(key, EventKind::set, "spop");
  call.effects().changed(std::min(count, size) - 1);
  if (count >= size) {
    reply_members(call.reply, Set::of(place.entry()->body()));
    erase_emptied(call, key, place);
    call.effects().instead({call.db.context().own_deletion, key.text});
    return {};
  }

  // How much larger than the rest the pops must be for the rest to be copied instead.
  constexpr std::uint64_t kMost = 5;
  call.reply.set(count);
  Popped popped(call);
  Body& body = call.db.writable(place)->body();
  Set set(body);
  if (set.encoding() != Encoding::hashtable) {
    Sampler goes(call.rng(), count, size);
    set.retain([&](const SetMember& member) {
      const bool taken = goes.take();
      if (taken) popped.add(member);
      return !taken;
    });
  } else if ((size - count) * kMost > count) {
    for (std::uint64_t i = 0; i < count; ++i)
      set.pop_random(call.rng(), [&](const SetMember& member) { popped.add(member); });
  } else {
    pop_most(call, body, count, popped);
  }
  popped.log();
  return {};
}

Result<> spop(Call& call) {
  if (call.size() > 3) return fail(Errc::syntax);
  return call.size() == 3 ? pop_some(call) : pop_one(call);
}

// With repetitions. A reply that would take more than kReplyBytesMax is refused: it could fill all
// memory.
Result<> reply_repeated(Call& call, const Set& set, std::uint64_t count) {
  constexpr std::size_t kReplyBytesMax = std::size_t{1} << 30;
  constexpr std::size_t kMemberBytesMin = 6;  // "$0", an empty text, and its line ends
  const auto refused = [] { return fail("value is out of range"); };
  if (count > kReplyBytesMax / kMemberBytesMin) return refused();
  const std::size_t size_before = call.reply.output().size();
  call.reply.array(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    set.visit_random(call.rng(),
                     [&](const SetMember& member) { reply_member(call.reply, member); });
    if (call.reply.output().size() - size_before > kReplyBytesMax) return refused();
  }
  return {};
}

// A few out of a large table: by picking until enough different ones were picked.
void reply_picked(Call& call, const Set& set, std::uint64_t count) {
  std::unordered_set<std::uint64_t> seen;
  while (seen.size() < count) {
    const encodings::PackedTable::Slot slot = set.table().random_slot(call.rng());
    if (seen.insert(std::uint64_t{slot.bucket} << 32 | slot.index).second)
      call.reply.bulk(set.table().item(slot).member);
  }
}

void reply_distinct(Call& call, const Set& set, std::uint64_t count) {
  // How much larger than the picks a table must be for picking to be better than walking it.
  constexpr std::uint64_t kFew = 3;
  const std::uint64_t size = set.size();
  count = std::min(count, size);
  call.reply.array(count);
  if (set.encoding() == Encoding::hashtable && count <= size / kFew)
    return reply_picked(call, set, count);
  Sampler picked(call.rng(), count, size);
  set.for_each([&](const SetMember& member) {
    if (picked.take()) reply_member(call.reply, member);
  });
}

Result<> random_members(Call& call) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  TRY(const std::int64_t count, call.int_arg(2));
  if (count < -kMax)
    return fail(
        "value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  TRY(const Body* body, find_set(call, call.key()));
  if (body == nullptr || count == 0) {
    call.reply.array(0);
    return {};
  }
  const Set set = Set::of(*body);
  if (count < 0) return reply_repeated(call, set, static_cast<std::uint64_t>(-count));
  reply_distinct(call, set, static_cast<std::uint64_t>(count));
  return {};
}

Result<> srandmember(Call& call) {
  if (call.size() > 3) return fail(Errc::syntax);
  if (call.size() == 3) return random_members(call);
  TRY(const Body* body, find_set(call, call.key()));
  if (body == nullptr) {
    call.reply.null();
  } else {
    Set::of(*body).visit_random(call.rng(),
                                [&](const SetMember& member) { reply_member(call.reply, member); });
  }
  return {};
}

constexpr CommandSpec kTable[] = {
    {.name = "spop",
     .summary = "Takes members out of a set at random.",
     .complexity = "O(1) for one, else O(N) in the members taken.",
     .since = "1.0.0",
     .group = Group::set,
     .arity = at_least(2),
     .flags = Flag::write | Flag::fast,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::access | KeyFlag::erase)},
     .syntax = "key [count]",
     .tips = "nondeterministic_output",
     .run = spop},
    {.name = "srandmember",
     .summary = "Picks members of a set at random; a negative count allows repetitions.",
     .complexity = "O(1) for one, else O(N) in the members picked.",
     .since = "1.0.0",
     .group = Group::set,
     .arity = at_least(2),
     .flags = Flag::readonly,
     .keys = {key_at(1, KeyFlag::ro | KeyFlag::access)},
     .syntax = "key [count]",
     .tips = "nondeterministic_output",
     .run = srandmember},
};
static_assert(valid(kTable));

}  // namespace

Family set_random_commands() { return kTable; }

}  // namespace banyan::collections
