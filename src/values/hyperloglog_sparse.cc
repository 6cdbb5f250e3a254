// Raising a register of a sparse HyperLogLog. The runs come out as they do in Redis, byte for byte,
// merges that it forgoes included: replicas and snapshots compare.
#include <algorithm>
#include <cstring>

#include "values/hyperloglog.h"
#include "values/hyperloglog_runs.h"

namespace banyan::values {
namespace {

struct Found {
  std::size_t at = 0;      // the run that covers the register
  std::size_t before = 0;  // the run before it, or the first one
  std::size_t bytes = 0;
  std::uint32_t first = 0;
  HllRun run = {};
};

Result<Found> find_run(Bytes runs, std::uint32_t index) {
  Found found;
  for (std::size_t next = 0; next < runs.size();) {
    const std::size_t at = next;
    if (!next_hll_run(runs, next, found.run) || found.run.length > kHllRegisters - found.first)
      return corrupt_hll();
    if (index - found.first < found.run.length) {
      found.at = at;
      found.bytes = next - at;
      return found;
    }
    found.before = at;
    found.first += found.run.length;
  }
  return corrupt_hll();
}

// The run split into what is before the register, the register, and what is behind it.
std::string split(const Found& found, HllElement element) {
  char room[5];
  char* to = room;
  const std::uint32_t before = element.index - found.first;
  const std::uint32_t behind = found.run.length - before - 1;
  if (before > 0) to = write_hll_run(to, found.run.value, before);
  to = write_hll_run(to, element.value, 1);
  if (behind > 0) to = write_hll_run(to, found.run.value, behind);
  return {room, to};
}

// Neighbours of one value become one run, as far as five steps from `at` on meet them.
void join_runs(std::string& text, std::size_t at) {
  for (int steps = 5; steps > 0 && at < text.size(); --steps) {
    HllRun run;
    std::size_t next_at = at;
    if (!next_hll_run(text, next_at, run)) return;
    if (run.value != 0 && next_at < text.size()) {
      HllRun next;
      std::size_t behind = next_at;
      if (next_hll_run(text, behind, next) && next.value == run.value &&
          run.length + next.length <= kHllRunLengthMax) {
        write_hll_run(text.data() + next_at, run.value, run.length + next.length);
        text.erase(at, 1);
        continue;
      }
    }
    at = next_at;
  }
}

}  // namespace

Result<bool> raise_register(std::string& text, HllElement element, std::size_t sparse_bytes_max) {
  if (is_dense(text)) return raise_dense(text.data(), element);
  const auto become_dense = [&]() -> Result<bool> {
    TRY_DO(make_dense(text));
    return raise_dense(text.data(), element);
  };
  if (element.value > kHllRunValueMax) return become_dense();
  const Bytes runs = Bytes(text).substr(kHllHeaderBytes);
  TRY(const Found found, find_run(runs, element.index));
  if (found.run.value >= element.value) return false;
  const std::string fresh = split(found, element);
  if (fresh.size() > found.bytes && text.size() + fresh.size() - found.bytes > sparse_bytes_max)
    return become_dense();
  text.replace(kHllHeaderBytes + found.at, found.bytes, fresh);
  join_runs(text, kHllHeaderBytes + found.before);
  forget_cardinality(text.data());
  return true;
}

Result<std::string> describe_runs(Bytes text) {
  const Bytes runs = text.substr(kHllHeaderBytes);
  std::string words;
  for (std::size_t at = 0; at < runs.size();) {
    HllRun run;
    if (!next_hll_run(runs, at, run)) return corrupt_hll();
    if (!words.empty()) words += ' ';
    if (run.value != 0) {
      words += "v:" + std::to_string(run.value) + "," + std::to_string(run.length);
    } else {
      words += (run.is_long_zero ? "Z:" : "z:") + std::to_string(run.length);
    }
  }
  return words;
}

}  // namespace banyan::values
