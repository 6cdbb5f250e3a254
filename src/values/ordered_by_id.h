// OrderedById<T>: items in the order of their stream IDs, made for appending at the end and
// removing at the front: the blocks of a stream, the pending entries of a group and of a consumer.
//
// How it works A vector of *runs*, sorted vectors of at most kRunMax items. Appending is amortised
//              O(1); finding is two binary searches; inserting and removing elsewhere moves at most
//              a run, and now and then the pointers to the runs.
//              Runs emptied at the front stay as empty vectors for a while, so that taking items
//              from the front moves nothing.
// Vocabulary   A Cursor is a position; it is good until the next insert or removal, except for the
//              one that erase() returns.
// Invariants   No run from first_ on is empty; IDs are strictly ascending; neighbours that are both
// thin are one. Threads      None.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "values/stream_id.h"

namespace banyan::values {

inline StreamId id_of(StreamId id) { return id; }
template <class T>
StreamId id_of(const T& item) {
  return item.id;
}

template <class T>
class OrderedById {
 public:
  static constexpr std::size_t kRunMax = 64;

  struct Cursor {
    std::size_t run = 0;
    std::size_t item = 0;
    bool operator==(const Cursor&) const = default;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  Cursor begin() const { return {first_, 0}; }
  Cursor end() const { return {runs_.size(), 0}; }
  // Requires: not empty.
  Cursor last() const { return {runs_.size() - 1, runs_.back().size() - 1}; }
  const T& back() const { return runs_.back().back(); }
  T& back() { return runs_.back().back(); }
  const T& front() const { return runs_[first_].front(); }

  bool is_end(Cursor at) const { return at.run >= runs_.size(); }
  T& at(Cursor at) { return runs_[at.run][at.item]; }
  const T& at(Cursor at) const { return runs_[at.run][at.item]; }
  Cursor next(Cursor at) const {
    if (at.item + 1 < runs_[at.run].size()) return {at.run, at.item + 1};
    return {at.run + 1, 0};
  }
  // Of the first item: end().
  Cursor previous(Cursor at) const {
    if (at.item > 0) return {at.run, at.item - 1};
    if (at.run == first_) return end();
    return {at.run - 1, runs_[at.run - 1].size() - 1};
  }

  // The first item whose ID is not below `id`.
  Cursor lower_bound(StreamId id) const {
    // Most questions are about what came last, or first.
    if (empty() || id_of(back()) < id) return end();
    auto run = runs_.begin() + static_cast<std::ptrdiff_t>(first_);
    if (id_of(run->back()) < id)
      run = std::partition_point(run, runs_.end(),
                                 [&](const auto& items) { return id_of(items.back()) < id; });
    const auto item =
        std::ranges::partition_point(*run, [&](const T& each) { return id_of(each) < id; });
    return {static_cast<std::size_t>(run - runs_.begin()),
            static_cast<std::size_t>(item - run->begin())};
  }
  // The last item whose ID is not above `id`; end() when there is none.
  Cursor floor(StreamId id) const {
    if (empty()) return end();
    if (id_of(back()) <= id) return last();
    const Cursor at = lower_bound(id);
    return id_of(this->at(at)) == id ? at : previous(at);
  }
  T* find(StreamId id) {
    const Cursor at = lower_bound(id);
    return is_end(at) || id_of(this->at(at)) != id ? nullptr : &this->at(at);
  }
  const T* find(StreamId id) const { return const_cast<OrderedById*>(this)->find(id); }

  // Requires: its ID is above all others.
  T& append(T item) {
    if (empty() || runs_.back().size() == kRunMax) runs_.emplace_back();
    ++size_;
    return runs_.back().emplace_back(std::move(item));
  }
  // The item with that ID: the one given, or the one that was there already.
  T& insert(T item) {
    const StreamId id = id_of(item);
    Cursor at = lower_bound(id);
    if (is_end(at)) return append(std::move(item));
    if (id_of(this->at(at)) == id) return this->at(at);
    if (runs_[at.run].size() == kRunMax) at = split(at);
    auto& run = runs_[at.run];
    ++size_;
    return *run.insert(run.begin() + static_cast<std::ptrdiff_t>(at.item), std::move(item));
  }

  // The cursor of the item behind it.
  Cursor erase(Cursor at) {
    auto& run = runs_[at.run];
    run.erase(run.begin() + static_cast<std::ptrdiff_t>(at.item));
    --size_;
    if (run.empty()) return drop_run(at.run);
    if (run.size() < kThin) [[unlikely]]
      at = join_neighbours(at);
    return at.item < runs_[at.run].size() ? at : Cursor{at.run + 1, 0};
  }
  bool erase(StreamId id) {
    const Cursor at = lower_bound(id);
    if (is_end(at) || id_of(this->at(at)) != id) return false;
    erase(at);
    return true;
  }

  // Taken from the allocator for the items' places.
  std::size_t memory_bytes() const {
    std::size_t bytes = runs_.capacity() * sizeof(runs_[0]);
    for (const auto& run : runs_) bytes += run.capacity() * sizeof(T);
    return bytes;
  }

 private:
  static constexpr std::size_t kThin = kRunMax / 4;
  using Runs = std::vector<std::vector<T>>;

  // The cursor of what was behind the run, which is empty.
  Cursor drop_run(std::size_t run) {
    if (run != first_) {
      runs_.erase(iterator(run));
      return {run, 0};
    }
    runs_[run] = typename Runs::value_type();  // gives its memory back
    if (++first_ * 2 > runs_.size()) {
      runs_.erase(runs_.begin(), iterator(first_));
      first_ = 0;
    }
    return begin();
  }
  typename Runs::iterator iterator(std::size_t run) {
    return runs_.begin() + static_cast<std::ptrdiff_t>(run);
  }
  // Cuts the run in two; where `at` is now.
  Cursor split(Cursor at) {
    constexpr auto half = static_cast<std::ptrdiff_t>(kRunMax / 2);
    auto& run = runs_[at.run];
    std::vector<T> second(std::make_move_iterator(run.begin() + half),
                          std::make_move_iterator(run.end()));
    run.erase(run.begin() + half, run.end());
    runs_.insert(iterator(at.run + 1), std::move(second));
    return at.item <= kRunMax / 2 ? at : Cursor{at.run + 1, at.item - kRunMax / 2};
  }
  // Makes one of the thin run and a neighbour with which it is not too large; where `at` is now.
  Cursor join_neighbours(Cursor at) {
    if (can_join(at.run)) {
      join(at.run);
    } else if (at.run > first_ && can_join(at.run - 1)) {
      at = {at.run - 1, runs_[at.run - 1].size() + at.item};
      join(at.run);
    }
    return at;
  }
  bool can_join(std::size_t run) const {
    return run + 1 < runs_.size() && runs_[run].size() + runs_[run + 1].size() <= kRunMax / 2;
  }
  void join(std::size_t run) {
    std::vector<T> both;
    both.reserve(runs_[run].size() + runs_[run + 1].size());
    std::ranges::move(runs_[run], std::back_inserter(both));
    std::ranges::move(runs_[run + 1], std::back_inserter(both));
    runs_[run] = std::move(both);
    runs_.erase(iterator(run + 1));
  }

  Runs runs_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace banyan::values
