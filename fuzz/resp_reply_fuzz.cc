// Property: how the network cuts the bytes must not change which replies are read, errors
// included; and a reply that is written again reads back as the same.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "resp/reply_parser.h"
#include "resp/reply_writer.h"

namespace {

using namespace banyan::resp;  // NOLINT: a program of one file
using banyan::Bytes;
using Kind = Value::Kind;

struct Replies {
  std::vector<Value> values;
  bool failed = false;
  bool idle = false;
};

Replies read_in_steps(Bytes bytes, std::size_t step, ReplyLimits limits) {
  Replies replies;
  ReplyParser parser(limits);
  while (!bytes.empty() && !replies.failed) {
    const Bytes piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    // A copy of the exact size, so that the sanitizer sees a read behind it or after it.
    const std::vector<char> copy(piece.begin(), piece.end());
    replies.failed = !parser.feed(Bytes(copy.data(), copy.size()), replies.values);
  }
  replies.idle = parser.is_idle();
  return replies;
}

// Equal, a NaN being equal to a NaN.
bool same(const Value& a, const Value& b) {
  const auto all_same = [](const std::vector<Value>& x, const std::vector<Value>& y) {
    return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), same);
  };
  const bool same_real = a.real == b.real || (std::isnan(a.real) && std::isnan(b.real));
  return a.kind == b.kind && a.integer == b.integer && same_real && a.text == b.text &&
         all_same(a.items, b.items) && all_same(a.attributes, b.attributes);
}

void write(ReplyWriter& reply, const Value& value) {
  if (!value.attributes.empty()) {
    reply.attribute(value.attributes.size() / 2);
    for (const Value& item : value.attributes) write(reply, item);
  }
  switch (value.kind) {
    case Kind::null:
      reply.null();
      break;
    case Kind::null_array:
      reply.raw("*-1\r\n");
      break;
    case Kind::simple:
      // Not simple(): it replaces a LF, which the parser takes as it is.
      reply.raw("+" + value.text + "\r\n");
      break;
    case Kind::error:
      reply.raw("!" + std::to_string(value.text.size()) + "\r\n" + value.text + "\r\n");
      break;
    case Kind::bulk:
      reply.bulk(value.text);
      break;
    case Kind::verbatim:
      reply.verbatim(Bytes(value.text).substr(0, 3), Bytes(value.text).substr(4));
      break;
    case Kind::big_number:
      reply.big_number(value.text);
      break;
    case Kind::integer:
      reply.integer(value.integer);
      break;
    case Kind::boolean:
      reply.boolean(value.integer != 0);
      break;
    case Kind::real:
      reply.real(value.real);
      break;
    case Kind::array:
      reply.array(value.items.size());
      break;
    case Kind::map:
      reply.map(value.items.size() / 2);
      break;
    case Kind::set:
      reply.set(value.items.size());
      break;
    case Kind::push:
      reply.push(value.items.size());
      break;
  }
  for (const Value& item : value.items) write(reply, item);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1 + data[0] % 32;
  ReplyLimits limits;
  if (data[1] % 2 == 1) limits = {.depth_max = 4, .bulk_max = 30, .items_max = 9, .line_max = 20};
  const Bytes bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Replies whole = read_in_steps(bytes, bytes.size(), limits);
  const Replies cut = read_in_steps(bytes, step, limits);
  CHECK(whole.failed == cut.failed && whole.idle == cut.idle);
  CHECK(whole.values.size() == cut.values.size());
  Output output;
  ReplyWriter reply(output, Protocol::resp3);
  for (std::size_t i = 0; i < whole.values.size(); ++i) {
    CHECK(same(whole.values[i], cut.values[i]));
    CHECK(to_text(whole.values[i]) == to_text(cut.values[i]));
    write(reply, whole.values[i]);
  }
  const Replies again = read_in_steps(output.text(), SIZE_MAX, {});
  CHECK(!again.failed && again.idle && again.values.size() == whole.values.size());
  for (std::size_t i = 0; i < whole.values.size(); ++i)
    CHECK(same(whole.values[i], again.values[i]));
  return 0;
}
