// KeyInterest: who wants to know when which key changes: clients that watch it, and clients that
// wait for it, first come first.
//
// Vocabulary   A key's *queues* are its watchers and its waiters. They exist while there are any.
// Threads      Functions that take a key, a list or a waiter: under the locks of all keys
// concerned.
//              Those about whole databases, and the counts: under the exclusive gate.
#pragma once

#include <array>
#include <unordered_map>

#include "engine/waiter.h"
#include "engine/watch_list.h"
#include "store/interest.h"

namespace banyan::engine {

// A key of a database, as an owner or as a view.
struct KeyName {
  unsigned database;
  std::string text;
  friend bool operator==(const KeyName&, const KeyName&) = default;
};
struct KeyView {
  unsigned database;
  Bytes text;
};

struct Watcher {
  WatchList* list;
  WatchedKey* key;
};

struct KeyQueues {
  const KeyName* name = nullptr;
  std::vector<Watcher> watchers;
  WaiterList waiters;
  unsigned waiters_when_gone = 0;  // of them: who must hear that the key is gone
};

class KeyInterest {
 public:
  explicit KeyInterest(store::Keyspace& keyspace) : keyspace_(keyspace) {}
  KeyInterest(const KeyInterest&) = delete;
  KeyInterest& operator=(const KeyInterest&) = delete;

  store::Interest& count() { return count_; }

  void watch(WatchList& list, unsigned database, const store::Key& key, UnixMs now);
  void unwatch_all(WatchList& list);  // and makes it clean
  // A watched key is over its time, though nobody has removed it yet.
  bool has_expired(const WatchList& list, UnixMs now) const;

  void add(const std::shared_ptr<Waiter>& waiter);
  void remove(Waiter& waiter);
  // The first that waits for the key with a ticket above `after`; null when there is none.
  std::shared_ptr<Waiter> next_waiter(unsigned database, const store::Key& key,
                                      std::uint64_t after) const;
  std::uint64_t last_ticket() const { return tickets_.load(std::memory_order_relaxed); }

  // `key` changed: makes its watchers' lists dirty. True when somebody waits for it.
  bool on_change(unsigned database, const store::Key& key);

  using Ready = std::vector<KeyName>;
  // All keys of `database` are about to go, or to be replaced by those of `by` (null: by nothing).
  // Keys that somebody waits for and that may be of interest go to `ready`.
  void on_replace(unsigned database, const store::TableSet* by, UnixMs now, Ready& ready);

  struct BlockingKeys {
    std::size_t all = 0, when_gone = 0;
  };
  BlockingKeys count_blocking_keys() const;

 private:
  struct Hash {
    using is_transparent = void;
    static std::size_t of(unsigned database, Bytes text) {
      return std::hash<Bytes>()(text) * 31 + database;
    }
    std::size_t operator()(const KeyName& name) const { return of(name.database, name.text); }
    std::size_t operator()(const KeyView& view) const { return of(view.database, view.text); }
  };
  struct Equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return a.database == b.database && Bytes(a.text) == Bytes(b.text);
    }
  };
  using Queues = std::unordered_map<KeyName, KeyQueues, Hash, Equal>;

  Queues& part(const store::Key& key) { return parts_[key.table % store::kPartitions]; }
  const Queues& part(const store::Key& key) const { return parts_[key.table % store::kPartitions]; }
  KeyQueues& queues(unsigned database, const store::Key& key);
  void drop_if_empty(const store::Key& key, KeyQueues& queues);
  bool is_held(unsigned database, const store::Key& key) const;

  store::Keyspace& keyspace_;
  store::Interest count_;
  std::atomic<std::uint64_t> tickets_ = 0;
  std::array<Queues, store::kPartitions> parts_;
};

}  // namespace banyan::engine
