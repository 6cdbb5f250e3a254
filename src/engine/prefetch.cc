// What a batch of commands is going to read, brought into the cache before the first is run: each
// step for all of them before the next, so that the waiting overlaps. (The store's functions say
// what the steps are. In a database that SELECT has yet to choose the wrong things are fetched; no
// harm is done.)
#include "engine/dispatcher.h"

namespace banyan::engine {

// The keys' buckets were asked for while parsing.
void Dispatcher::prefetch_entries(unsigned database) {
  store::Keyspace& keyspace = shared_.keyspace;
  candidates_.resize(keys_.size());
  for (std::size_t k = 0; k < keys_.size(); ++k)
    candidates_[k] = keyspace.prefetch_entry(database, keys_[k]);
  for (std::size_t k = 0; k < keys_.size(); ++k)
    if (candidates_[k].is_chained)
      candidates_[k] = keyspace.prefetch_chained_entry(database, keys_[k]);
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
