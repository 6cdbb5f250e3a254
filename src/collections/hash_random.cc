// HRANDFIELD.
#include <limits>
#include <unordered_set>

#include "collections/hash_handlers.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using values::Encoding;

// What one reply may hold: what Redis would try for any count ends in the death of the process.
constexpr std::uint64_t kCountMax = 100'000'000;

struct Sampling {
  bool with_values = false;
  bool nested = false;  // pairs as arrays of their own
  std::uint64_t count = 0;
  bool distinct = true;
};

void begin(Call& call, const Sampling& sampling, std::uint64_t count) {
  call.reply.array(sampling.with_values && !sampling.nested ? 2 * count : count);
}

void reply_field(Call& call, const Sampling& sampling, const HashField& field) {
  if (sampling.nested) call.reply.array(2);
  call.reply.bulk(field.member);
  if (sampling.with_values) call.reply.bulk(field.value);
}

// On a replica, fields that are over are still there.
std::vector<std::pair<std::string, std::string>> live_fields(const HashView& hash,
                                                             const Context& context) {
  std::vector<std::pair<std::string, std::string>> fields;
  hash.for_each([&](const HashField& f) {
    if (!is_over(f, context)) fields.emplace_back(f.member, f.value);
  });
  return fields;
}

// `count` of them, each at most once, in the order of the hash: out of n left, a field is taken
// with the chance of those wanted among them.
void reply_distinct_in_order(Call& call, const Sampling& sampling, const HashView& hash) {
  std::uint64_t left = hash.size();
  std::uint64_t wanted = sampling.count;
  begin(call, sampling, wanted);
  hash.for_each([&](const HashField& field) {
    if (call.rng().below(left--) >= wanted) return;
    reply_field(call, sampling, field);
    --wanted;
  });
}

// Few out of many: drawn until there are enough different ones.
void reply_distinct_drawn(Call& call, const Sampling& sampling, const HashView& hash) {
  begin(call, sampling, sampling.count);
  std::unordered_set<std::uint64_t> drawn;
  while (drawn.size() < sampling.count) {
    const auto slot = hash.big().table().random_slot(call.rng());
    if (!drawn.insert(std::uint64_t{slot.bucket} << 32 | slot.index).second) continue;
    reply_field(call, sampling, hash.big().table().item(slot));
  }
}

void reply_sample(Call& call, Sampling sampling, const HashView& hash) {
  const std::uint64_t size = hash.size();
  if (!sampling.distinct) {
    begin(call, sampling, sampling.count);
    HashRoom room;
    for (std::uint64_t i = 0; i < sampling.count; ++i)
      reply_field(call, sampling, hash.random_field(call.rng(), room));
    return;
  }
  sampling.count = std::min(sampling.count, size);
  constexpr std::uint64_t kFew = 3;
  if (hash.encoding() != Encoding::hashtable || sampling.count * kFew > size)
    return reply_distinct_in_order(call, sampling, hash);
  reply_distinct_drawn(call, sampling, hash);
}

// A hash with nothing but what may be shown, made of one where some fields are over.
void reply_live_sample(Call& call, const Sampling& sampling, const HashView& hash) {
  const auto fields = live_fields(hash, call.db.context());
  values::Body body;
  Hash::create(body);
  for (const auto& [field, value] : fields) Hash(body).set(field, value, call.db.context().limits);
  if (fields.empty()) {
    call.reply.array(0);
  } else {
    reply_sample(call, sampling, HashView(body));
  }
  Hash::destroy(body);
}

Result<Sampling> sampling_of(const Call& call) {
  TRY(const std::int64_t count, call.int_arg(2));
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (count < -kMax)
    return fail(
        "value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  if (call.size() > 4 || (call.size() == 4 && !call.is(3, "withvalues"))) return fail(Errc::syntax);
  Sampling sampling{.with_values = call.size() == 4,
                    .nested = call.size() == 4 && call.reply.protocol() == resp::Protocol::resp3,
                    .count = static_cast<std::uint64_t>(count < 0 ? -count : count),
                    .distinct = count >= 0};
  if (sampling.with_values && (count < -kMax / 2 || count > kMax / 2))
    return fail(Errc::out_of_range);
  if (!sampling.distinct && sampling.count > kCountMax) return fail(Errc::out_of_range);
  return sampling;
}

// Fields that are over must not be drawn: some of them go first, where that is ours to do. No more:
// one command shall not do the work of many. What is left of them is told apart from the others.
constexpr std::size_t kExpiredAtOnce = 128;

Result<const Entry*> find_without_expired(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  if (entry == nullptr || call.db.context().expiry != ExpiryMode::remove) return entry;
  const UnixMs soonest = values::soonest_field_expiry(entry->type(), entry->body());
  if (soonest == kNoExpiry || soonest >= call.now()) return entry;
  expire_fields(call.db, call.key(), kExpiredAtOnce);
  return call.db.peek(call.key());
}

bool shows_expired(const Call& call, const HashView& hash) {
  return is_over(hash.soonest_expiry(), call.db.context());
}

}  // namespace

Result<> hrandfield(Call& call) {
  Sampling sampling{.count = 1};
  if (call.size() > 2) {
    TRY(sampling, sampling_of(call));
  }
  TRY(const Entry* entry, find_without_expired(call));
  const bool single = call.size() == 2;
  if (entry == nullptr || sampling.count == 0) {
    single ? call.reply.null() : call.reply.array(0);
    return {};
  }
  const HashView hash(entry->body());
  if (single) {
    if (shows_expired(call, hash)) {
      // Most fields are live, mostly: a few draws find one.
      constexpr int kDraws = 100;
      HashRoom room;
      for (int draw = 0; draw < kDraws; ++draw) {
        const HashField field = hash.random_field(call.rng(), room);
        if (is_over(field, call.db.context())) continue;
        call.reply.bulk(field.member);
        return {};
      }
      const auto fields = live_fields(hash, call.db.context());
      fields.empty() ? call.reply.null()
                     : call.reply.bulk(fields[call.rng().below(fields.size())].first);
      return {};
    }
    HashRoom room;
    call.reply.bulk(hash.random_field(call.rng(), room).member);
    return {};
  }
  shows_expired(call, hash) ? reply_live_sample(call, sampling, hash)
                            : reply_sample(call, sampling, hash);
  return {};
}

}  // namespace banyan::collections
