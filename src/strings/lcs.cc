// LCS: the longest common subsequence of two strings, by the textbook table of all prefixes.
#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "base/size.h"
#include "strings/string_handlers.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;

struct Options {
  bool length_only = false;
  bool ranges = false;
  bool with_lengths = false;
  std::int64_t length_min = 0;
};

// A stretch that both strings have in common; first and last byte in each.
struct Match {
  std::uint32_t a_first, a_last, b_first, b_last;
  std::uint32_t length() const { return a_last - a_first + 1; }
};

// cell(i, j) is the length of the longest common subsequence of the first i bytes of a and the
// first j of b.
class Prefixes {
 public:
  static Result<Prefixes> make(Bytes a, Bytes b, std::size_t bytes_max) {
    constexpr auto kTooLong = std::numeric_limits<std::uint32_t>::max() - 1;
    if (a.size() >= kTooLong || b.size() >= kTooLong) return fail("String too long for LCS");
    const auto cells = checked_multiply(a.size() + 1, b.size() + 1);
    const auto bytes = cells ? checked_multiply(*cells, sizeof(std::uint32_t)) : std::nullopt;
    if (bytes && *bytes > bytes_max)
      return fail("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
    std::unique_ptr<std::uint32_t[]> room;
    if (bytes) room.reset(new (std::nothrow) std::uint32_t[*cells]);
    if (!room) return fail("Insufficient memory, failed allocating transient memory for LCS");
    return Prefixes(a, b, std::move(room));
  }

  std::uint32_t length() const { return cell(a_.size(), b_.size()); }

  std::string text() const {
    std::string reversed;
    reversed.reserve(length());
    walk_back([&](std::size_t i, std::size_t, bool) { reversed.push_back(a_[i]); });
    std::reverse(reversed.begin(), reversed.end());
    return reversed;
  }

  // From the last to the first.
  std::vector<Match> matches() const {
    std::vector<Match> found;
    walk_back([&](std::size_t i, std::size_t j, bool continues) {
      const auto a = static_cast<std::uint32_t>(i);
      const auto b = static_cast<std::uint32_t>(j);
      if (!continues) found.push_back({.a_first = a, .a_last = a, .b_first = b, .b_last = b});
      found.back().a_first = a;
      found.back().b_first = b;
    });
    return found;
  }

 private:
  Prefixes(Bytes a, Bytes b, std::unique_ptr<std::uint32_t[]> cells)
      : a_(a), b_(b), cells_(std::move(cells)) {
    const std::size_t width = b_.size() + 1;
    std::fill_n(cells_.get(), width, 0U);
    for (std::size_t i = 1; i <= a_.size(); ++i) {
      const std::uint32_t* above = cells_.get() + (i - 1) * width;
      std::uint32_t* row = cells_.get() + i * width;
      row[0] = 0;
      for (std::size_t j = 1; j < width; ++j)
        row[j] = a_[i - 1] == b_[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
    }
  }

  std::uint32_t cell(std::size_t i, std::size_t j) const { return cells_[i * (b_.size() + 1) + j]; }

  // Visits the common bytes from the last to the first: where each is in a and in b, and whether
  // it is adjacent in both to the one visited before. Between equally long ways it takes the one
  // that gives up a byte of b, as Redis does: clients see the ranges.
  template <class Visit>
  void walk_back(const Visit& visit) const {
    bool continues = false;
    for (std::size_t i = a_.size(), j = b_.size(); i > 0 && j > 0;) {
      if (a_[i - 1] == b_[j - 1]) {
        visit(--i, --j, continues);
        continues = true;
      } else {
        cell(i - 1, j) > cell(i, j - 1) ? --i : --j;
        continues = false;
      }
    }
  }

  Bytes a_;
  Bytes b_;
  std::unique_ptr<std::uint32_t[]> cells_;
};

Result<Options> parse_options(const Call& call) {
  Options options;
  for (std::size_t i = 3; i < call.size(); ++i) {
    if (call.is(i, "IDX")) {
      options.ranges = true;
    } else if (call.is(i, "LEN")) {
      options.length_only = true;
    } else if (call.is(i, "WITHMATCHLEN")) {
      options.with_lengths = true;
    } else if (call.is(i, "MINMATCHLEN") && i + 1 < call.size()) {
      TRY(options.length_min, call.int_arg(++i));
    } else {
      return fail(Errc::syntax);
    }
  }
  if (options.length_only && options.ranges)
    return fail("If you want both the length and indexes, please just use IDX.");
  return options;
}

void reply_ranges(Call& call, const Options& options, const Prefixes& prefixes) {
  std::vector<Match> matches = prefixes.matches();
  std::erase_if(matches, [&](const Match& m) { return m.length() < options.length_min; });
  resp::ReplyWriter& reply = call.reply;
  reply.map(2);
  reply.bulk("matches");
  reply.array(matches.size());
  for (const Match& match : matches) {
    reply.array(options.with_lengths ? 3 : 2);
    reply.array(2);
    reply.integer(match.a_first);
    reply.integer(match.a_last);
    reply.array(2);
    reply.integer(match.b_first);
    reply.integer(match.b_last);
    if (options.with_lengths) reply.integer(match.length());
  }
  reply.bulk("len");
  reply.integer(prefixes.length());
}

}  // namespace

Result<> lcs(Call& call) {
  const auto holds_other = [](const Entry* entry) {
    return entry != nullptr && entry->type() != values::Type::string;
  };
  const bool first_is_other = holds_other(call.db.find(call.key(0)));
  const Entry* second = call.db.find(call.key(1));
  if (first_is_other || holds_other(second))
    return fail("The specified keys must contain string values");
  TRY(const Options options, parse_options(call));
  // The second lookup may have removed an expired entry; what the first returned is void by that.
  const Entry* first = call.db.peek(call.key(0));
  IntegerText first_room;
  IntegerText second_room;
  const Bytes a = first != nullptr ? first->text(first_room) : Bytes();
  const Bytes b = second != nullptr ? second->text(second_room) : Bytes();
  TRY(const Prefixes prefixes, Prefixes::make(a, b, call.string_bytes_max));
  if (options.ranges) {
    reply_ranges(call, options, prefixes);
  } else if (options.length_only) {
    call.reply.integer(prefixes.length());
  } else {
    call.reply.bulk(prefixes.text());
  }
  return {};
}

}  // namespace banyan::strings
