// What a batch of commands is going to read, brought into the cache before the first is run: each
// step for all of them before the next, so that the waiting overlaps. (The store's functions say
// what the steps are. In a database that SELECT has yet to choose the wrong things are fetched; no
// harm is done.)
#include <algorithm>

#include "engine/dispatcher.h"

namespace banyan::engine {

namespace {

// Calls fn(first, last, announced) for the keys from `first` on, piece by piece: each piece is
// announced, not locked. With workers that name many keys the locks' cache lines would wander from
// one to the other for each key; so short that nobody waits long for it.
template <class Fn>
void in_pieces(store::Keyspace& keyspace, unsigned worker, std::span<const store::Key> keys,
               std::size_t first, const Fn& fn) {
  constexpr std::size_t kPiece = 64;
  for (std::size_t last; first < keys.size(); first = last) {
    last = std::min(first + kPiece, keys.size());
    store::LockSet set = 0;
    for (std::size_t k = first; k < last; ++k) set |= store::Keyspace::lock_of(keys[k]);
    const bool announced = keyspace.announce(worker, set);
    fn(first, last, announced);
    if (announced) keyspace.end_shared(worker);
  }
}

}  // namespace

void Dispatcher::add_many_keys(Pending& pending, std::span<const Bytes> words, unsigned database) {
  store::Keyspace& keyspace = shared_.keyspace;
  names_many_ = true;
  const std::size_t first = keys_.size();
  for (const commands::KeyPosition& position : positions_) {
    keys_.push_back(keyspace.key(words[position.word]));
    pending.locks |= store::Keyspace::lock_of(keys_.back());
  }
  pending.key_count += static_cast<std::uint32_t>(positions_.size());
  in_pieces(keyspace, worker_, keys_, first, [&](std::size_t k, std::size_t last, bool announced) {
    for (; k < last; ++k) keyspace.prefetch_bucket(database, keys_[k], announced);
  });
}

// The keys' buckets were asked for while parsing.
void Dispatcher::prefetch_entries(unsigned database) {
  store::Keyspace& keyspace = shared_.keyspace;
  candidates_.resize(keys_.size());
  const auto fetch_entries = [&](std::size_t k, std::size_t last, bool announced) {
    for (; k < last; ++k) candidates_[k] = keyspace.prefetch_entry(database, keys_[k], announced);
  };
  const auto fetch_chained = [&](std::size_t k, std::size_t last, bool announced) {
    for (; k < last; ++k)
      if (candidates_[k].is_chained)
        candidates_[k] = keyspace.prefetch_chained_entry(database, keys_[k], announced);
  };
  if (names_many_) [[unlikely]] {
    in_pieces(keyspace, worker_, keys_, 0, fetch_entries);
    in_pieces(keyspace, worker_, keys_, 0, fetch_chained);
  } else {
    fetch_entries(0, keys_.size(), false);
    fetch_chained(0, keys_.size(), false);
  }
  // A small entry's value is in the next cache line as often as not.
  for (const store::Table::Candidate& candidate : candidates_)
    __builtin_prefetch(reinterpret_cast<const char*>(candidate.entry) + 47);
}

void Dispatcher::prefetch_members(unsigned database) {
  constexpr std::ptrdiff_t kMembersMax = 16;  // of one command
  store::Keyspace& keyspace = shared_.keyspace;
  const bool keeps_probes = !keyspace.is_threaded();  // else another worker may free the tables
  probes_.clear();
  for (const Pending& pending : batch_) {
    if (pending.key_count == 0 || pending.found.spec->members.first == 0) continue;
    const auto [first, step] = pending.found.spec->members;
    const auto count = static_cast<std::ptrdiff_t>(pending.word_count);
    std::ptrdiff_t at = first > 0 ? first : count + first;
    keyspace.with_candidate(database, keys_[pending.key], [&](const store::Entry& entry) {
      if (entry.is_string()) return;
      for (std::ptrdiff_t n = 0; n < kMembersMax && at > 1 && at < count; ++n, at += step) {
        const Bytes member = words_[pending.word + static_cast<std::size_t>(at)];
        const auto probe = values::prefetch_member(entry.type(), entry.body(), member);
        if (probe.table == nullptr) return;
        if (keeps_probes) probes_.push_back(probe);
      }
    });
  }
  for (const values::MemberProbe& probe : probes_) values::prefetch_block(probe);
  for (const values::MemberProbe& probe : probes_) values::prefetch_item(probe);
}

}  // namespace banyan::engine
