#include "engine/key_interest.h"

#include <algorithm>

namespace banyan::engine {

namespace {

enum class Presence : std::uint8_t { absent, expired, alive };

Presence presence_in(const store::TableSet& tables, const store::Key& key, UnixMs now) {
  const store::Table::Slot slot = tables.table(key.table).find(key.text, key.hash);
  if (!slot) return Presence::absent;
  return slot.entry()->is_expired(now) ? Presence::expired : Presence::alive;
}

}  // namespace

KeyQueues& KeyInterest::queues(unsigned database, const store::Key& key) {
  Queues& all = part(key);
  auto found = all.find(KeyView{database, key.text});
  if (found == all.end()) {
    found = all.emplace(KeyName{database, std::string(key.text)}, KeyQueues{}).first;
    found->second.name = &found->first;
    count_.raise();
  }
  return found->second;
}

void KeyInterest::drop_if_empty(const store::Key& key, KeyQueues& queues) {
  if (!queues.watchers.empty() || !queues.waiters.empty()) return;
  part(key).erase(*queues.name);
  count_.lower();
}

void KeyInterest::watch(WatchList& list, unsigned database, const store::Key& key, UnixMs now) {
  if (list.contains(database, key.text)) return;
  const bool expired = presence_in(keyspace_.database(database), key, now) == Presence::expired;
  list.keys.push_back(
      std::make_unique<WatchedKey>(WatchedKey{database, std::string(key.text), key, expired}));
  WatchedKey& watched = *list.keys.back();
  watched.key.text = watched.text;
  queues(database, key).watchers.push_back({&list, &watched});
}

void KeyInterest::unwatch_all(WatchList& list) {
  for (const auto& watched : list.keys) {
    Queues& all = part(watched->key);
    const auto found = all.find(KeyView{watched->database, watched->text});
    std::erase_if(found->second.watchers, [&](const Watcher& w) { return w.list == &list; });
    drop_if_empty(watched->key, found->second);
  }
  list.keys.clear();
  list.dirty.store(false, std::memory_order_relaxed);
}

bool KeyInterest::has_expired(const WatchList& list, UnixMs now) const {
  return std::any_of(list.keys.begin(), list.keys.end(), [&](const auto& watched) {
    const store::TableSet& tables = keyspace_.database(watched->database);
    return !watched->expired && presence_in(tables, watched->key, now) == Presence::expired;
  });
}

void KeyInterest::add(const std::shared_ptr<Waiter>& waiter) {
  waiter->ticket = tickets_.fetch_add(1, std::memory_order_relaxed) + 1;
  for (std::size_t i = 0; i < waiter->awaited_keys; ++i) {
    KeyQueues& own = queues(waiter->session.database, waiter->keys[i]);
    if (!own.waiters.empty() && own.waiters.back() == waiter) continue;  // a key given twice
    own.waiters.push_back(waiter);
    if (waiter->also_when_gone) ++own.waiters_when_gone;
    waiter->places.push_back({&own, std::prev(own.waiters.end())});
  }
}

void KeyInterest::remove(Waiter& waiter) {
  waiter.waiting = false;
  for (const Waiter::Place& place : waiter.places) {
    place.queues->waiters.erase(place.at);
    if (waiter.also_when_gone) --place.queues->waiters_when_gone;
    drop_if_empty(keyspace_.key(place.queues->name->text), *place.queues);
  }
  waiter.places.clear();
}

std::shared_ptr<Waiter> KeyInterest::next_waiter(unsigned database, const store::Key& key,
                                                 std::uint64_t after) const {
  const Queues& all = part(key);
  const auto found = all.find(KeyView{database, key.text});
  if (found == all.end()) return nullptr;
  if (found->second.waiters_when_gone == 0 && !is_held(database, key)) return nullptr;
  for (const std::shared_ptr<Waiter>& waiter : found->second.waiters)
    if (waiter->ticket > after) return waiter;
  return nullptr;
}

bool KeyInterest::is_held(unsigned database, const store::Key& key) const {
  return static_cast<bool>(keyspace_.database(database).table(key.table).find(key.text, key.hash));
}

bool KeyInterest::on_change(unsigned database, const store::Key& key) {
  const Queues& all = part(key);
  if (all.empty()) return false;
  const auto found = all.find(KeyView{database, key.text});
  if (found == all.end()) return false;
  for (const Watcher& watcher : found->second.watchers) {
    if (watcher.key->expired && !is_held(database, key)) {
      watcher.key->expired = false;
      continue;
    }
    watcher.list->dirty.store(true, std::memory_order_relaxed);
  }
  return !found->second.waiters.empty();
}

void KeyInterest::on_replace(unsigned database, const store::TableSet* by, UnixMs now,
                             Ready& ready) {
  const store::TableSet& old = keyspace_.database(database);
  for (Queues& all : parts_) {
    for (auto& [name, queues] : all) {
      if (name.database != database) continue;
      if (!queues.waiters.empty()) ready.push_back(name);
      const store::Key key = keyspace_.key(name.text);
      const Presence before = presence_in(old, key, now);
      const Presence after = by == nullptr ? Presence::absent : presence_in(*by, key, now);
      for (const Watcher& watcher : queues.watchers) {
        // What was, or is, over its time counts as absent; see WatchedKey.
        const bool was =
            before == Presence::alive || (before == Presence::expired && !watcher.key->expired);
        if (was || after == Presence::alive)
          watcher.list->dirty.store(true, std::memory_order_relaxed);
        watcher.key->expired = after == Presence::expired;
      }
    }
  }
}

KeyInterest::BlockingKeys KeyInterest::count_blocking_keys() const {
  BlockingKeys count;
  for (const Queues& all : parts_) {
    for (const auto& [name, queues] : all) {
      if (!queues.waiters.empty()) ++count.all;
      if (queues.waiters_when_gone > 0) ++count.when_gone;
    }
  }
  return count;
}

}  // namespace banyan::engine
