#include "node/slowlog.h"

#include <fmt/format.h>

#include "config/config.h"

namespace banyan::node {

namespace {

constexpr std::size_t kWordsMax = 32;
constexpr std::size_t kWordBytesMax = 128;

std::string shortened(Bytes word) {
  if (word.size() <= kWordBytesMax) return std::string(word);
  return fmt::format("{}... ({} more bytes)", word.substr(0, kWordBytesMax),
                     word.size() - kWordBytesMax);
}

// In "... AUTH password ..." and "... AUTH2 user password ...", as HELLO and MIGRATE have them.
bool follows_auth(std::span<const Bytes> words, std::size_t index, std::size_t auth_words) {
  const auto is = [&](std::size_t back, std::string_view token) {
    return index > back && equals_ignoring_case(words[index - back], token);
  };
  if (auth_words == 2) return is(1, "auth") || is(2, "auth");
  return is(1, "auth") || is(1, "auth2") || is(2, "auth2");
}

}  // namespace

bool is_secret(const commands::CommandSpec& spec, std::span<const Bytes> words, std::size_t index) {
  if (index == 0) return false;
  if (spec.name == "auth") return true;
  if (spec.name == "hello") return follows_auth(words, index, 2);
  if (spec.name == "migrate") return follows_auth(words, index, 1);
  if (spec.name == "acl|setuser" || spec.name == "acl|deluser" || spec.name == "acl|getuser")
    return index >= 2;
  if (spec.name == "config|set")
    return index >= 3 && index % 2 == 1 && config::is_sensitive(words[index - 1]);
  return false;
}

void SlowLog::on_slow(unsigned worker, const commands::Session& session,
                      const commands::CommandSpec& spec, std::span<const Bytes> words, Ticks took,
                      UnixMs now) {
  using commands::Flag;
  if (took >= latency_ticks_) {
    const auto ms = static_cast<std::int64_t>(static_cast<double>(took) / ticks_per_ms_);
    latency_.add(worker, has(spec.flags, Flag::fast) ? "fast-command" : "command",
                 {.second = now / 1000, .ms = ms});
  }
  if (took >= slow_ticks_ && !has(spec.flags, Flag::skip_slowlog))
    add(worker, session, spec, words, took, now);
}

void SlowLog::add(unsigned worker, const commands::Session& session,
                  const commands::CommandSpec& spec, std::span<const Bytes> words, Ticks took,
                  UnixMs now) {
  SlowEntry entry{.id = next_id_++,
                  .time = now,
                  .took = took,
                  .words = {},
                  .peer = session.peer,
                  .client_name = session.name};
  const std::size_t shown = std::min(words.size(), kWordsMax);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i == kWordsMax - 1 && words.size() > kWordsMax) {
      entry.words.push_back(fmt::format("... ({} more arguments)", words.size() - kWordsMax + 1));
    } else {
      entry.words.push_back(is_secret(spec, words, i) ? "(redacted)" : shortened(words[i]));
    }
  }
  std::deque<SlowEntry>& entries = lists_[worker].entries;
  entries.push_back(std::move(entry));
  while (entries.size() > length_max_) entries.pop_front();
}

std::size_t SlowLog::size() const {
  std::size_t sum = 0;
  for (const List& list : lists_) sum += list.entries.size();
  return std::min<std::size_t>(sum, length_max_);
}

std::vector<const SlowEntry*> SlowLog::newest(std::size_t count) const {
  std::vector<const SlowEntry*> all;
  for (const List& list : lists_)
    for (const SlowEntry& entry : list.entries) all.push_back(&entry);
  std::ranges::sort(all, std::ranges::greater(), &SlowEntry::id);
  all.resize(std::min({count, all.size(), static_cast<std::size_t>(length_max_)}));
  return all;
}

void SlowLog::clear() {
  for (List& list : lists_) list.entries.clear();
}

}  // namespace banyan::node
