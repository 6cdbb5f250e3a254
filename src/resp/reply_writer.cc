#include "resp/reply_writer.h"

#include "base/check.h"

namespace banyan::resp {

// CR and LF become spaces: a text that a user made must not be able to forge further replies.
void ReplyWriter::line(char type, Bytes text) {
  output_.append(Bytes(&type, 1));
  while (true) {
    const std::size_t stop = text.find_first_of("\r\n");
    output_.append(text.substr(0, stop));
    if (stop == Bytes::npos) break;
    output_.append(" ");
    text.remove_prefix(stop + 1);
  }
  literal("\r\n");
}

void ReplyWriter::long_bulk(Bytes text) {
  header('$', text.size());
  output_.append(text);
  literal("\r\n");
}

void ReplyWriter::bulk_int(std::int64_t value) {
  char digits[kDecimalMax];
  bulk(Bytes(digits, write_int(digits, value)));
}

void ReplyWriter::attribute(std::size_t pairs) {
  CHECK(is_resp3());
  header('|', pairs);
}

void ReplyWriter::real(double value) {
  char text[kDoubleTextMax];
  real_text(Bytes(text, write_double(text, value)));
}

void ReplyWriter::real_text(Bytes text) {
  if (!is_resp3()) return bulk(text);
  char* to = output_.reserve(1 + kDoubleTextMax + 2);
  *to++ = ',';
  output_.commit(write_crlf(write_text(to, text)));
}

void ReplyWriter::big_number(Bytes digits) {
  if (is_resp3()) return line('(', digits);
  bulk(digits);
}

void ReplyWriter::verbatim(Bytes format, Bytes text) {
  CHECK(format.size() == 3);
  if (!is_resp3()) return bulk(text);
  header('=', text.size() + 4);
  output_.append(format);
  literal(":");
  output_.append(text);
  literal("\r\n");
}

ReplyWriter::Deferred ReplyWriter::begin_set() {
  return {output_.begin_gap(), is_resp3() ? '~' : '*', 1};
}

ReplyWriter::Deferred ReplyWriter::begin_map() {
  if (is_resp3()) return {output_.begin_gap(), '%', 1};
  return {output_.begin_gap(), '*', 2};
}

void ReplyWriter::end(Deferred aggregate, std::size_t count) {
  static_assert(kHeaderMax <= Output::kGapMax);
  char text[kHeaderMax];
  const char* const end = write_header(text, aggregate.type, count * aggregate.factor);
  output_.fill_gap(aggregate.gap, Bytes(text, end));
}

}  // namespace banyan::resp
