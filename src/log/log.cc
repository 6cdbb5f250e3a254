#include "log/log.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/number.h"

namespace banyan::log {

namespace {
// As good as unlimited, and can be added to any offset.
constexpr std::int64_t kMaxBacklogBytes = std::int64_t{1} << 61;
}  // namespace

Log::Log(std::int64_t backlog_size_bytes) { set_backlog_size(backlog_size_bytes); }

Log::~Log() { CHECK(readers_ == 0); }

void Log::activate(Offset start) {
  Locked lock(*this);
  CHECK(!active());
  restart_at(start);
  active_.store(true, std::memory_order_relaxed);
}

void Log::deactivate() {
  Locked lock(*this);
  if (!active()) return;
  active_.store(false, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  chain_.clear();
  written_ = next();
}

void Log::reset(Offset next) {
  Locked lock(*this);
  CHECK(active());
  restart_at(next);
}

void Log::restart_at(Offset next) {
  generation_.fetch_add(1, std::memory_order_release);
  chain_.clear();
  chain_.start(next);
  written_ = next;
  selected_database_ = -1;
  published_.store(next.bytes(), std::memory_order_release);
  trim_from_ = next + static_cast<std::int64_t>(kBlockBytes);
}

// One entry: what `fill` writes.
template <class Write>
Offset Log::append_with(const EntryInfo& info, const Write& fill) {
  bool call_hook = false;
  Offset end;
  {
    Locked lock(*this);
    if (!active()) return next();
    const Offset start = written_;
    CHECK(start == next());
    fill();
    if (written_ == start) return start;
    mark(start, info);
    publish(written_);
    end = written_;
    call_hook = take_hook();
  }
  if (call_hook) on_append_();
  return end;
}

Offset Log::append(const EntryInfo& info, Bytes bytes) {
  return append_with(info, [&] {
    select(info.database);
    write(bytes);
  });
}

Offset Log::append_block(const EntryInfo& info, Bytes body, std::uint16_t last_database) {
  return append_with(info, [&] {
    write("*1\r\n$5\r\nMULTI\r\n");
    select(info.database);
    write(body);
    write("*1\r\n$4\r\nEXEC\r\n");
    selected_database_ = last_database;
  });
}

void Log::select(std::uint16_t database) {
  if (database != selected_database_ && database != kNoDatabase) write_select(database);
}

void Log::forget_database() {
  Locked lock(*this);
  selected_database_ = -1;
}

void Log::append_raw(Bytes bytes) {
  Locked lock(*this);
  if (!active()) return;
  // Upstream's bytes carry its own SELECTs.
  selected_database_ = -1;
  write(bytes);
}

void Log::finish(const EntryInfo& info, Offset end) {
  bool call_hook = false;
  {
    Locked lock(*this);
    if (!active()) return;
    const Offset start = next();
    CHECK(start < end && end <= written_);
    mark(start, info);
    publish(end);
    call_hook = take_hook();
  }
  if (call_hook) on_append_();
}

void Log::truncate_tail(Offset at) {
  Locked lock(*this);
  if (!active()) return;
  CHECK(next() <= at && at <= written_);
  chain_.shrink(at);
  written_ = at;
}

Offset Log::arm() {
  Locked lock(*this);
  armed_ = static_cast<bool>(on_append_);
  return next();
}

void Log::set_backlog_size(std::int64_t bytes) {
  CHECK(bytes >= 0);
  Locked lock(*this);
  backlog_size_bytes_ = std::min(bytes, kMaxBacklogBytes);
  trim_locked(kTrimBlocksPerCall);
}

bool Log::trim() {
  Locked lock(*this);
  return trim_locked(kTrimBlocksPerCall);
}

Window Log::window() const {
  std::lock_guard lock(mutex_);
  return window_locked();
}

std::optional<Entry> Log::entry_at_or_after(Offset at) const {
  std::lock_guard lock(mutex_);
  const Window window = window_locked();
  if (at >= window.next) return std::nullopt;
  if (at < window.first) at = window.first;
  for (std::size_t i = chain_.find(at); i < chain_.size(); ++i) {
    const Block* block = chain_.at(i);
    const auto from = at > block->base ? static_cast<std::size_t>(at - block->base) : 0;
    if (const auto found = block->marks.at_or_after(from))
      return Entry{block->base + found->start, found->info};
  }
  return std::nullopt;
}

Figures Log::figures() const {
  std::lock_guard lock(mutex_);
  return {.window = window_locked(),
          .backlog_size_bytes = backlog_size_bytes_,
          .unfinished_bytes = written_ - next(),
          .held_bytes = chain_.bytes_in_use(),
          .spare_bytes = chain_.spare_bytes(),
          .readers = readers_};
}

Window Log::window_locked() const {
  if (!active()) return {next(), next(), false};
  return {chain_.front()->base, next(), true};
}

void Log::write(Bytes bytes) {
  Block* last = chain_.back();
  const auto used = static_cast<std::size_t>(written_ - last->base);
  if (bytes.size() > kBlockBytes - used) [[unlikely]]
    return write_over_blocks(bytes);
  std::memcpy(last->data + used, bytes.data(), bytes.size());
  written_ += static_cast<std::int64_t>(bytes.size());
}

void Log::write_over_blocks(Bytes bytes) {
  while (!bytes.empty()) {
    if (written_ == chain_.back()->end()) chain_.grow();
    const std::size_t room = static_cast<std::size_t>(chain_.back()->end() - written_);
    const Bytes part = bytes.substr(0, room);
    write(part);
    bytes.remove_prefix(part.size());
  }
}

void Log::write_select(std::uint16_t database) {
  char digits[20];
  const std::size_t count = write_int(digits, database);
  char text[40] = "*2\r\n$6\r\nSELECT\r\n$0\r\n";
  text[17] = static_cast<char>('0' + count);  // at most five digits
  std::size_t size = 20;
  std::memcpy(text + size, digits, count);
  size += count;
  std::memcpy(text + size, "\r\n", 2);
  write({text, size + 2});
  selected_database_ = database;
}

// After its bytes were written, so that the block of its first byte exists.
void Log::mark(Offset start, const EntryInfo& info) {
  Block* block = chain_.back();
  if (start < block->base) [[unlikely]]
    block = chain_.at(chain_.find(start));
  chain_.mark(block, static_cast<std::uint16_t>(start - block->base), info);
}

void Log::publish(Offset end) {
  const std::int64_t added_bytes = end - next();
  published_.store(end.bytes(), std::memory_order_release);
  if (end < trim_from_) return;
  // What one append added, one append can trim: a series of large ones does not outrun it.
  trim_locked(kTrimBlocksPerCall + static_cast<std::size_t>(added_bytes) / kBlockBytes);
}

bool Log::trim_locked(std::size_t blocks) {
  if (!active()) return false;
  const Offset a_block_later = next() + static_cast<std::int64_t>(kBlockBytes);
  for (;; --blocks) {
    trim_from_ = a_block_later;
    if (!chain_.can_drop_front()) return false;
    const Offset due = chain_.front()->end() + backlog_size_bytes_;
    if (next() < due) {
      trim_from_ = due;
      return false;
    }
    if (blocks == 0) return true;
    chain_.drop_front();
  }
}

}  // namespace banyan::log
