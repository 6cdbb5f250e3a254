// OwnedWords: a copy of a command's words that outlives the input they came in.
//
// Invariants   The words stay where they are when the object is moved.
// Threads      None; a value.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace banyan::engine {

class OwnedWords {
 public:
  explicit OwnedWords(std::span<const Bytes> words) {
    for (const Bytes word : words) bytes_ += word.size();
    text_ = std::make_unique_for_overwrite<char[]>(bytes_);
    words_.reserve(words.size());
    char* to = text_.get();
    for (const Bytes word : words) {
      if (!word.empty()) std::memcpy(to, word.data(), word.size());
      words_.emplace_back(to, word.size());
      to += word.size();
    }
  }

  std::span<const Bytes> get() const { return words_; }
  std::size_t memory_bytes() const { return bytes_ + words_.size() * sizeof(Bytes); }

 private:
  std::size_t bytes_ = 0;
  std::unique_ptr<char[]> text_;
  std::vector<Bytes> words_;
};

}  // namespace banyan::engine
