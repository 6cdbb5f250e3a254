#include "streams/stream_args.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace banyan::streams {

using namespace commands;

namespace {

using values::StreamTrim;

constexpr std::uint64_t kSeqMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kIdTextMax = 127;
constexpr std::uint64_t kLimitDefault = 10'000;
constexpr std::uint64_t kLimitDefaultMax = 1'000'000;

Result<StreamId> parse_id(Bytes text, std::uint64_t missing_seq) {
  if (text.size() > kIdTextMax) return invalid_stream_id();
  const auto id = values::parse_stream_id(text, missing_seq);
  if (!id) return invalid_stream_id();
  return *id;
}

Result<StreamId> parse_end(Bytes text, std::uint64_t missing_seq) {
  if (text == "-") return values::kStreamIdMin;
  if (text == "+") return values::kStreamIdMax;
  return parse_id(text, missing_seq);
}

// XADD's, where the sequence may be left to us.
Result<> parse_new_id(Bytes text, StreamAddOptions& options) {
  options.has_id = true;
  options.has_seq = !text.ends_with("-*");
  if (!options.has_seq) text.remove_suffix(2);
  TRY(options.id, parse_id(text, 0));
  if (!options.has_seq && text.find('-') != Bytes::npos) return invalid_stream_id();
  return {};
}

// Reads MAXLEN or MINID at word `i`, and moves `i` to its last word.
Result<> parse_threshold(const Call& call, StreamTrim::By by, StreamAddOptions& options,
                         std::size_t& i) {
  if (options.trim.by != StreamTrim::By::nothing)
    return fail("syntax error, MAXLEN and MINID options at the same time are not compatible");
  options.trim.by = by;
  const bool has_sign = i + 2 < call.size() && (call.arg(i + 1) == "~" || call.arg(i + 1) == "=");
  options.trim.approximate = has_sign && call.arg(i + 1) == "~";
  i += has_sign ? 2 : 1;
  options.trim_word = i;
  if (by == StreamTrim::By::id) {
    TRY(options.trim.below, stream_id_arg(call, i));
    return {};
  }
  TRY(const std::int64_t length, call.int_arg(i));
  if (length < 0) return fail("The MAXLEN argument must be >= 0.");
  options.trim.length = static_cast<std::uint64_t>(length);
  return {};
}

// True when the word at `i` is one of the options that XADD and XTRIM share.
Result<bool> parse_trim_option(const Call& call, StreamAddOptions& options, std::size_t& i) {
  if (i + 1 == call.size()) return false;
  if (call.is(i, "MAXLEN")) {
    TRY_DO(parse_threshold(call, StreamTrim::By::length, options, i));
  } else if (call.is(i, "MINID")) {
    TRY_DO(parse_threshold(call, StreamTrim::By::id, options, i));
  } else if (call.is(i, "LIMIT")) {
    TRY(const std::int64_t limit, call.int_arg(++i));
    if (limit < 0) return fail("The LIMIT argument must be >= 0.");
    options.trim.limit = static_cast<std::uint64_t>(limit);
    options.limit_word = i - 1;
  } else {
    return false;
  }
  return true;
}

// What comes from a primary, or from our own files, was trimmed already, and its threshold says how
// far: no limit must stop us short. (Scripts are internal, too; theirs may be approximate.)
bool must_obey(const Call& call, const StreamTrim& trim) {
  if (call.session.kind == SessionKind::internal) return !trim.approximate;
  return call.session.kind == SessionKind::primary;
}

Result<> settle_limit(const Call& call, StreamAddOptions& options) {
  StreamTrim& trim = options.trim;
  if (trim.limit != 0 && trim.by == StreamTrim::By::nothing)
    return fail("syntax error, LIMIT cannot be used without specifying a trimming strategy");
  if (must_obey(call, trim)) {
    trim.limit = 0;
    return {};
  }
  if (options.limit_word != 0) {
    if (!trim.approximate)
      return fail("syntax error, LIMIT cannot be used without the special ~ option");
    return {};
  }
  if (!trim.approximate) return {};
  const std::uint64_t block = call.db.context().limits.stream_node_entries;
  trim.limit = block == 0 ? kLimitDefault : std::min(block, kLimitDefaultMax) * 100;
  trim.limit = std::min(trim.limit, kLimitDefaultMax);
  return {};
}

}  // namespace

std::unexpected<Error> invalid_stream_id() {
  return fail("Invalid stream ID specified as stream command argument");
}

Result<StreamId> stream_id_arg(const Call& call, std::size_t i) { return parse_id(call.arg(i), 0); }

Result<StreamId> stream_id_or_edge_arg(const Call& call, std::size_t i) {
  return parse_end(call.arg(i), 0);
}

Result<std::vector<StreamId>> stream_id_args(const Call& call, std::size_t first) {
  std::vector<StreamId> ids;
  ids.reserve(call.size() - first);
  for (std::size_t i = first; i < call.size(); ++i) {
    TRY(const StreamId id, stream_id_arg(call, i));
    ids.push_back(id);
  }
  return ids;
}

Result<StreamId> range_from_arg(const Call& call, std::size_t i) {
  const Bytes text = call.arg(i);
  if (text.size() < 2 || text[0] != '(') return parse_end(text, 0);
  TRY(const StreamId outside, parse_id(text.substr(1), 0));
  const auto next = outside.next();
  if (!next) return fail("invalid start ID for the interval");
  return *next;
}

Result<StreamId> range_to_arg(const Call& call, std::size_t i) {
  const Bytes text = call.arg(i);
  if (text.size() < 2 || text[0] != '(') return parse_end(text, kSeqMax);
  TRY(const StreamId outside, parse_id(text.substr(1), kSeqMax));
  const auto previous = outside.previous();
  if (!previous) return fail("invalid end ID for the interval");
  return *previous;
}

Result<StreamAddOptions> parse_xadd(const Call& call) {
  StreamAddOptions options;
  std::size_t i = 2;
  for (; i < call.size() && call.arg(i) != "*"; ++i) {
    TRY(const bool is_known, parse_trim_option(call, options, i));
    if (is_known) continue;
    if (!call.is(i, "NOMKSTREAM")) {
      TRY_DO(parse_new_id(call.arg(i), options));
      break;
    }
    options.may_create = false;
  }
  options.id_word = i;
  TRY_DO(settle_limit(call, options));
  if (i >= call.size() || call.size() - i < 3 || (call.size() - i) % 2 == 0)
    return fail("wrong number of arguments for 'xadd' command");
  return options;
}

Result<StreamAddOptions> parse_xtrim(const Call& call) {
  StreamAddOptions options;
  for (std::size_t i = 2; i < call.size(); ++i) {
    TRY(const bool is_known, parse_trim_option(call, options, i));
    if (!is_known) return fail(Errc::syntax);
  }
  if (options.trim.by == StreamTrim::By::nothing && options.trim.limit == 0)
    return fail("syntax error, XTRIM must be called with a trimming strategy");
  TRY_DO(settle_limit(call, options));
  return options;
}

std::vector<Bytes> exact_words(const Call& call, const StreamAddOptions& options, Bytes threshold,
                               Bytes id) {
  std::vector<Bytes> words(call.words.begin(), call.words.end());
  if (options.id_word != 0) words[options.id_word] = id;
  if (!options.trim.approximate) return words;
  words[options.trim_word - 1] = "=";
  words[options.trim_word] = threshold;
  if (options.limit_word != 0) {
    const auto limit = words.begin() + static_cast<std::ptrdiff_t>(options.limit_word);
    words.erase(limit, limit + 2);
  }
  return words;
}

std::unexpected<Error> no_such_group(Bytes key, Bytes group, std::string_view tail) {
  return fail(Errc::custom,
              fmt::format("NOGROUP No such key '{}' or consumer group '{}'{}", key, group, tail));
}

std::unexpected<Error> no_group_of_key(Bytes key, Bytes group) {
  return fail(Errc::custom,
              fmt::format("NOGROUP No such consumer group '{}' for key name '{}'", group, key));
}

std::unexpected<Error> wrong_subcommand(const Call& call, std::string_view container) {
  return fail(fmt::format("unknown subcommand or wrong number of arguments for '{}'. Try {} HELP.",
                          call.arg(1).substr(0, 128), container));
}

}  // namespace banyan::streams
