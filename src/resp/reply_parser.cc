#include "resp/reply_parser.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/number.h"
#include "base/size.h"

namespace banyan::resp {
namespace {

using Kind = Value::Kind;

Result<std::int64_t> parse_number(Bytes text) {
  const auto number = parse_int(text);
  if (!number) return fail(Errc::corrupt, "reply: not a number");
  return *number;
}

Result<Value> parse_real(Bytes text) {
  Value value;
  value.kind = Kind::real;
  if (text == "nan" || text == "-nan") {
    value.real = std::numeric_limits<double>::quiet_NaN();
    return value;
  }
  const auto number = parse_double(text);
  if (!number) return fail(Errc::corrupt, "reply: not a double");
  value.real = *number;
  return value;
}

Result<Value> parse_big_number(Bytes text) {
  Bytes digits = text;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  const bool valid = !digits.empty() && std::all_of(digits.begin(), digits.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
  if (!valid) return fail(Errc::corrupt, "reply: not a big number");
  return Value::of_text(Kind::big_number, text);
}

// Replies that are a header line and nothing else. nullopt: of another type.
Result<std::optional<Value>> parse_simple(char type, Bytes text) {
  switch (type) {
    case '+':
      return Value::of_text(Kind::simple, text);
    case '-':
      return Value::of_text(Kind::error, text);
    case ':': {
      TRY(const std::int64_t number, parse_number(text));
      return Value::of_integer(number);
    }
    case ',': {
      TRY(Value value, parse_real(text));
      return value;
    }
    case '(': {
      TRY(Value value, parse_big_number(text));
      return value;
    }
    case '_':
      if (!text.empty()) return fail(Errc::corrupt, "reply: text behind a null");
      return Value{};
    case '#':
      if (text != "t" && text != "f") return fail(Errc::corrupt, "reply: not a boolean");
      return Value::of_integer(text == "t" ? 1 : 0, Kind::boolean);
    default:
      return std::nullopt;
  }
}

Kind aggregate_kind(char type) {
  switch (type) {
    case '%':
      return Kind::map;
    case '~':
      return Kind::set;
    case '>':
      return Kind::push;
    default:
      return Kind::array;
  }
}

}  // namespace

Result<> ReplyParser::feed(Bytes bytes, std::vector<Value>& out) {
  if (failed_) return fail(Errc::corrupt, "reply: the stream is broken");
  while (!bytes.empty()) {
    if (auto result = step(bytes, out); !result) {
      failed_ = true;
      return result;
    }
  }
  return {};
}

Result<> ReplyParser::step(Bytes& bytes, std::vector<Value>& out) {
  if (bulk_) return take_payload(bytes, out);
  TRY(const std::optional<Bytes> line, take_line(bytes));
  if (!line) return {};
  TRY_DO(on_line(*line, out));
  line_.clear();
  if (line_.capacity() > 1024) line_.shrink_to_fit();
  return {};
}

Result<std::optional<Bytes>> ReplyParser::take_line(Bytes& bytes) {
  if (line_.ends_with('\r')) {
    if (bytes.front() != '\n') return fail(Errc::corrupt, "reply: CR without LF");
    bytes.remove_prefix(1);
    return Bytes(line_).substr(0, line_.size() - 1);
  }
  const std::size_t end = bytes.find('\r');
  if (line_.size() + std::min(end, bytes.size()) > limits_.line_max)
    return fail(Errc::corrupt, "reply: line too long");
  if (end == Bytes::npos || end + 1 == bytes.size()) {
    line_ += bytes;
    bytes = {};
    return std::nullopt;
  }
  if (bytes[end + 1] != '\n') return fail(Errc::corrupt, "reply: CR without LF");
  Bytes line = bytes.substr(0, end);
  bytes.remove_prefix(end + 2);
  if (!line_.empty()) line = line_ += line;
  return line;
}

Result<> ReplyParser::on_line(Bytes line, std::vector<Value>& out) {
  if (line.empty()) return fail(Errc::corrupt, "reply: empty line");
  const char type = line.front();
  line.remove_prefix(1);
  switch (type) {
    case '$':
      return on_blob(Kind::bulk, line, out);
    case '!':
      return on_blob(Kind::error, line, out);
    case '=':
      return on_blob(Kind::verbatim, line, out);
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
      return on_aggregate(type, line, out);
    default:
      break;
  }
  TRY(std::optional<Value> value, parse_simple(type, line));
  if (!value) return fail(Errc::corrupt, "reply: unknown type");
  complete(std::move(*value), out);
  return {};
}

Result<> ReplyParser::on_blob(Kind kind, Bytes length, std::vector<Value>& out) {
  TRY(const std::int64_t number, parse_number(length));
  if (number == -1 && kind == Kind::bulk) {
    complete(Value{}, out);
    return {};
  }
  if (number < 0 || static_cast<std::size_t>(number) > limits_.bulk_max)
    return fail(Errc::corrupt, "reply: invalid bulk length");
  const auto size = checked_add(static_cast<std::size_t>(number), 2);
  if (!size) return fail(Errc::corrupt, "reply: invalid bulk length");
  bulk_ = Value::of_text(kind, "");
  payload_missing_ = *size;
  return {};
}

Result<> ReplyParser::on_aggregate(char type, Bytes count, std::vector<Value>& out) {
  TRY(const std::int64_t number, parse_number(count));
  if (number == -1 && type == '*') {
    complete(Value::of_items(Kind::null_array, {}), out);
    return {};
  }
  if (number < 0) return fail(Errc::corrupt, "reply: invalid aggregate count");
  const bool has_pairs = type == '%' || type == '|';
  const auto items = checked_multiply(static_cast<std::size_t>(number), has_pairs ? 2 : 1);
  if (!items || *items > limits_.items_max)
    return fail(Errc::corrupt, "reply: invalid aggregate count");
  if (stack_.size() >= limits_.depth_max) return fail(Errc::corrupt, "reply: nested too deeply");
  const bool is_attribute = type == '|';
  Value value = Value::of_items(is_attribute ? Kind::map : aggregate_kind(type), {});
  if (*items == 0) {
    if (!is_attribute) complete(std::move(value), out);
    return {};
  }
  if (!is_attribute) value.attributes = std::exchange(next_attributes(), {});
  stack_.push_back({std::move(value), *items, is_attribute, {}});
  return {};
}

Result<> ReplyParser::take_payload(Bytes& bytes, std::vector<Value>& out) {
  if (payload_missing_ > 2) {
    const Bytes part = bytes.substr(0, payload_missing_ - 2);
    bulk_->text += part;
    payload_missing_ -= part.size();
    bytes.remove_prefix(part.size());
  }
  const Bytes ending = Bytes("\r\n").substr(payload_missing_ > 1 ? 0 : 1);
  const std::size_t present = std::min(bytes.size(), payload_missing_);
  if (payload_missing_ > 2 || present == 0) return {};
  if (bytes.substr(0, present) != ending.substr(0, present))
    return fail(Errc::corrupt, "reply: no CR LF behind a bulk");
  bytes.remove_prefix(present);
  payload_missing_ -= present;
  if (payload_missing_ != 0) return {};
  Value value = std::move(*bulk_);
  bulk_.reset();
  if (value.kind == Kind::verbatim && (value.text.size() < 4 || value.text[3] != ':'))
    return fail(Errc::corrupt, "reply: verbatim text without a format");
  complete(std::move(value), out);
  return {};
}

std::vector<Value>& ReplyParser::next_attributes() {
  return stack_.empty() ? attributes_ : stack_.back().attributes;
}

// A value is complete; with it perhaps the aggregate around it, and so on outwards.
void ReplyParser::complete(Value value, std::vector<Value>& out) {
  value.attributes = std::exchange(next_attributes(), {});
  while (!stack_.empty()) {
    Frame& top = stack_.back();
    top.value.items.push_back(std::move(value));
    if (--top.missing != 0) return;
    Frame done = std::move(top);
    stack_.pop_back();
    if (done.is_attribute) {
      std::vector<Value>& next = next_attributes();
      std::move(done.value.items.begin(), done.value.items.end(), std::back_inserter(next));
      return;
    }
    value = std::move(done.value);
  }
  out.push_back(std::move(value));
}

}  // namespace banyan::resp
