#include "resp/request_parser.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/number.h"
#include "base/size.h"
#include "resp/inline_words.h"

namespace banyan::resp {
namespace {

constexpr std::size_t kUnauthenticatedArgumentsMax = 10;
constexpr std::size_t kUnauthenticatedBulkMax = 16'384;
constexpr std::size_t kSpansKept = 256;  // a larger list is freed after its command

// Reads a plain "<digits>\r?" at p; returns what follows, or nullptr when it is incomplete or in
// any way unusual (sign, leading zero, more than 18 digits): then the exact, slower path decides.
const char* read_any_plain_length(const char* p, const char* end, std::size_t& value) {
  const char* const start = p;
  std::size_t sum = 0;
  for (; p != end; ++p) {
    const auto digit = static_cast<unsigned char>(*p - '0');
    if (digit > 9) break;
    sum = sum * 10 + digit;
  }
  if (end - p < 2 || *p != '\r' || p == start || p - start > 18) return nullptr;
  if (*start == '0' && p - start > 1) return nullptr;
  value = sum;
  return p + 2;
}

// The same; at once for one digit and for two, which is what most lengths have.
inline const char* read_plain_length(const char* p, const char* end, std::size_t& value) {
  if (end - p < 4) [[unlikely]]
    return read_any_plain_length(p, end, value);
  const auto first = static_cast<unsigned char>(p[0] - '0');
  if (p[1] == '\r' && first <= 9) {
    value = first;
    return p + 3;
  }
  const auto second = static_cast<unsigned char>(p[1] - '0');
  if (p[2] == '\r' && second <= 9 && first - 1U < 9U) {
    value = first * 10U + second;
    return p + 4;
  }
  return read_any_plain_length(p, end, value);
}

}  // namespace

// What parse() does when parse_whole() could not do it, or must not.
RequestParser::Outcome RequestParser::parse_piecemeal(Bytes input, const Limits& limits,
                                                      std::vector<Bytes>& words) {
  if (unescaped_ != nullptr) {
    unescaped_.reset();
    return parse(input, limits, words);
  }
  if (phase_ == Phase::fresh) {
    if (input.empty()) return wait_for(1);
    phase_ = Phase::line;
  }
  if (phase_ == Phase::failed) return Outcome::protocol_error;
  CHECK(input.size() >= scanned_);
  return phase_ == Phase::line ? parse_line(input, limits, words) : resume(input, limits, words);
}

// The common case: the whole command is there and well-formed. Otherwise leaves behind what it
// read, for resume() to continue from.
bool RequestParser::parse_whole(Bytes input, const Limits& limits, std::vector<Bytes>& words) {
  const char* const begin = input.data();
  const char* const end = begin + input.size();
  const std::size_t bulk_max =
      limits.authenticated ? limits.bulk_max : std::min(limits.bulk_max, kUnauthenticatedBulkMax);
  std::size_t count = 0;
  const char* p = read_plain_length(begin + 1, end, count);
  if (p == nullptr || count == 0 || count > limits.arguments_max ||
      (!limits.authenticated && count > kUnauthenticatedArgumentsMax)) {
    phase_ = Phase::count;
    return false;
  }
  const std::size_t before = words.size();
  for (; count != 0; --count) {
    if (p == end || *p != '$') break;
    std::size_t length = 0;
    const char* const payload = read_plain_length(p + 1, end, length);
    if (payload == nullptr || length > bulk_max) break;
    if (static_cast<std::size_t>(end - payload) < length + 2) break;
    words.emplace_back(payload, length);
    p = payload + length + 2;  // like Redis, whatever these two bytes are
  }
  at_ = static_cast<std::size_t>(p - begin);
  if (count == 0) {
    consumed_ = at_;
    at_ = 0;
    return true;
  }
  for (std::size_t i = before; i < words.size(); ++i)
    spans_.push_back({static_cast<std::size_t>(words[i].data() - begin), words[i].size()});
  words.resize(before);
  scanned_ = at_;
  remaining_ = count;
  phase_ = Phase::length;
  return false;
}

RequestParser::Outcome RequestParser::parse_line(Bytes input, const Limits& limits,
                                                 std::vector<Bytes>& words) {
  const Bytes window = input.substr(0, limits.inline_max + 1);
  const std::size_t newline = window.find('\n', scanned_);
  if (newline == Bytes::npos) {
    if (input.size() > limits.inline_max) return fail(Fault::line_too_long);
    scanned_ = input.size();
    return wait_for(input.size() + 1);
  }
  Bytes line = input.substr(0, newline);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!split_inline(line, words, unescaped_)) return fail(Fault::quotes_unbalanced);
  return finish(newline + 1);
}

RequestParser::Outcome RequestParser::resume(Bytes input, const Limits& limits,
                                             std::vector<Bytes>& words) {
  if (phase_ == Phase::count) {
    if (const auto outcome = read_count(input, limits)) return *outcome;
  }
  while (remaining_ != 0) {
    if (phase_ == Phase::length) {
      if (const auto outcome = read_length(input, limits)) return *outcome;
    }
    // length_ < 2^63 and at_ <= the size of something in memory: no overflow in 64 bits.
    const std::size_t end = at_ + length_ + 2;
    if (input.size() < end) return wait_for(end);
    spans_.push_back({at_, length_});
    at_ = scanned_ = end;
    phase_ = Phase::length;
    --remaining_;
  }
  return deliver(input, words);
}

// Reads "*<count>\r?" at the front. nullopt: done, remaining_ says how many words follow.
std::optional<RequestParser::Outcome> RequestParser::read_count(Bytes input, const Limits& limits) {
  if (const auto outcome = find_header_end(input, limits, Fault::count_too_long)) return outcome;
  const auto count = parse_int(input.substr(1, scanned_ - 1));
  if (!count || (*count > 0 && static_cast<std::size_t>(*count) > limits.arguments_max))
    return fail(Fault::count_invalid);
  if (!limits.authenticated && *count > static_cast<std::int64_t>(kUnauthenticatedArgumentsMax))
    return fail(Fault::count_unauthenticated);
  remaining_ = *count > 0 ? static_cast<std::size_t>(*count) : 0;
  at_ = scanned_ = scanned_ + 2;
  phase_ = Phase::length;
  return std::nullopt;
}

// Reads "$<length>\r?" at at_. nullopt: done, the payload of length_ bytes starts at at_.
std::optional<RequestParser::Outcome> RequestParser::read_length(Bytes input,
                                                                 const Limits& limits) {
  if (const auto outcome = find_header_end(input, limits, Fault::length_too_long)) return outcome;
  if (input[at_] != '$') {
    got_ = input[at_];
    return fail(Fault::dollar_expected);
  }
  const auto length = parse_int(input.substr(at_ + 1, scanned_ - at_ - 1));
  if (!length || *length < 0 || static_cast<std::size_t>(*length) > limits.bulk_max)
    return fail(Fault::length_invalid);
  length_ = static_cast<std::size_t>(*length);
  if (!limits.authenticated && length_ > kUnauthenticatedBulkMax)
    return fail(Fault::length_unauthenticated);
  at_ = scanned_ = scanned_ + 2;
  phase_ = Phase::payload;
  return std::nullopt;
}

// Looks for the CR of the header line at at_. nullopt: it is at scanned_, and the byte behind it
// has arrived too (Redis does not look which byte that is).
std::optional<RequestParser::Outcome> RequestParser::find_header_end(Bytes input,
                                                                     const Limits& limits,
                                                                     Fault too_long) {
  const Bytes window = input.substr(0, at_ + limits.inline_max + 1);
  const std::size_t carriage_return = window.find('\r', scanned_);
  if (carriage_return == Bytes::npos) {
    if (input.size() - at_ > limits.inline_max) return fail(too_long);
    scanned_ = input.size();
    return wait_for(input.size() + 1);
  }
  scanned_ = carriage_return;
  if (input.size() < carriage_return + 2) return wait_for(carriage_return + 2);
  return std::nullopt;
}

RequestParser::Outcome RequestParser::deliver(Bytes input, std::vector<Bytes>& words) {
  for (const Span& span : spans_) words.push_back(input.substr(span.offset, span.size));
  spans_.clear();
  if (spans_.capacity() > kSpansKept) spans_.shrink_to_fit();
  return finish(at_);
}

RequestParser::Outcome RequestParser::finish(std::size_t consumed) {
  consumed_ = consumed;
  at_ = scanned_ = 0;
  phase_ = Phase::fresh;
  return Outcome::command;
}

RequestParser::Outcome RequestParser::wait_for(std::size_t size) {
  wanted_ = size;
  return Outcome::need_more;
}

RequestParser::Outcome RequestParser::fail(Fault fault) {
  fault_ = fault;
  phase_ = Phase::failed;
  std::vector<Span>().swap(spans_);
  return Outcome::protocol_error;
}

std::string RequestParser::error() const {
  switch (fault_) {
    case Fault::none:
      return "";
    case Fault::count_invalid:
      return "Protocol error: invalid multibulk length";
    case Fault::count_too_long:
      return "Protocol error: too big mbulk count string";
    case Fault::count_unauthenticated:
      return "Protocol error: unauthenticated multibulk length";
    case Fault::length_invalid:
      return "Protocol error: invalid bulk length";
    case Fault::length_too_long:
      return "Protocol error: too big bulk count string";
    case Fault::length_unauthenticated:
      return "Protocol error: unauthenticated bulk length";
    case Fault::dollar_expected:
      return std::string("Protocol error: expected '$', got '") + got_ + "'";
    case Fault::line_too_long:
      return "Protocol error: too big inline request";
    case Fault::quotes_unbalanced:
      return "Protocol error: unbalanced quotes in request";
  }
  return "";
}

bool looks_like_other_protocol(Bytes input) {
  if (input.starts_with("\x16\x03") || input.starts_with("HTTP/")) return true;
  constexpr std::array<Bytes, 10> kMethods = {"GET",     "POST",    "PUT",   "HEAD",  "DELETE",
                                              "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI"};
  const Bytes line = input.substr(0, input.find('\n'));
  const std::size_t space = line.find(' ');
  if (space == Bytes::npos) return false;
  const Bytes word = line.substr(0, space);
  const bool is_method = std::any_of(kMethods.begin(), kMethods.end(), [word](Bytes method) {
    return equals_ignoring_case(word, method);
  });
  if (!is_method) return false;
  const Bytes rest = line.substr(space);
  if (rest.find(" HTTP/") != Bytes::npos) return true;
  return rest.starts_with(" /") && !equals_ignoring_case(word, "GET");
}

}  // namespace banyan::resp
