// Effects: what a command did to the data, on its way to the replication log.
//
// Vocabulary   A command that changed something is logged as it was received, unless its handler
//              says better: instead() when the words themselves would not mean the same on a
//              replica (relative expiry, random choice), nothing() when there is nothing to tell.
//              before() is for what happens first (a key found expired is logged as DEL).
// Invariants   Several effects of one command are one block (MULTI ... EXEC) in the log; the
//              dispatcher sees to that.
// Threads      One per worker.
#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "base/bytes.h"

namespace banyan::commands {

class Effects {
 public:
  // Starts a command. While not `wanted` nobody reads the log, and nothing is encoded.
  void begin(bool wanted) {
    wanted_ = wanted;
    dirty_ = 0;
    verbatim_ = true;
    if (count_ != 0) encoded_.clear();
    count_ = 0;
  }

  // False: what instead() and before() are given goes nowhere.
  bool wanted() const { return wanted_; }

  // `n` changes happened (rdb_changes_since_last_save counts them).
  void changed(std::uint64_t n = 1) { dirty_ += n; }
  std::uint64_t dirty() const { return dirty_; }

  void before(std::initializer_list<Bytes> words) { add(words); }
  void instead(std::initializer_list<Bytes> words) {
    verbatim_ = false;
    add(words);
  }
  void instead(std::span<const Bytes> words) {
    verbatim_ = false;
    add(words);
  }
  void nothing() { verbatim_ = false; }

  bool verbatim() const { return verbatim_; }
  // The commands given, as RESP requests one after the other.
  unsigned count() const { return count_; }
  Bytes encoded() const { return encoded_; }

 private:
  void add(std::span<const Bytes> words);
  void add(std::initializer_list<Bytes> words) {
    add(std::span<const Bytes>(words.begin(), words.size()));
  }

  std::uint64_t dirty_ = 0;
  unsigned count_ = 0;
  bool wanted_ = false;
  bool verbatim_ = true;
  std::string encoded_;
};

}  // namespace banyan::commands
