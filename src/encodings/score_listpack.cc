#include "encodings/score_listpack.h"

#include <charconv>
#include <limits>

namespace banyan::encodings::score_listpack {

double score_of(const ListpackValue& value) {
  if (value.is_integer) return static_cast<double>(value.integer);
  double score = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, score);
  if (error == std::errc() && stop == end) return score;
  // What from_chars() does not take and others may have written ("+5", "1e400").
  return parse_double(value.text).value_or(std::numeric_limits<double>::quiet_NaN());
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether the text is what write_double() would make of the number it spells. Tells so only of
// plain fractions of few digits ("-12.5"): no other text of at most 15 digits spells the same
// double.
bool is_shortest(Bytes text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  constexpr std::size_t kWholeMax = 4;  // below the numbers that get an exponent
  constexpr std::size_t kFractionMax = 6;
  if (point == 0 || point > kWholeMax) return false;
  const Bytes fraction = text.substr(point + 1);
  if (fraction.empty() || fraction.size() > kFractionMax || fraction.back() == '0') return false;
  if (text[0] == '0' && point > 1) return false;
  for (std::size_t i = 0; i < point; ++i)
    if (!is_digit(text[i])) return false;
  for (const char c : fraction)
    if (!is_digit(c)) return false;
  return true;
}

}  // namespace

Bytes text_of_score(const ListpackValue& value, ScoreText& room) {
  constexpr std::int64_t kExactMax = std::int64_t{1} << 53;
  if (value.is_integer && value.integer <= kExactMax && value.integer >= -kExactMax)
    return {room, write_int(room, value.integer)};
  if (!value.is_integer && is_shortest(value.text)) return value.text;
  return {room, write_double(room, score_of(value))};
}

ScoreValue::ScoreValue(double score) {
  constexpr double kIntegerMax = 0x1p62;
  if (score >= -kIntegerMax && score <= kIntegerMax) {
    const auto integer = static_cast<std::int64_t>(score);
    if (static_cast<double>(integer) == score) {
      value_ = ListpackValue::of_integer(integer);
      return;
    }
  }
  value_ = {{text_, write_double(text_, score)}, 0, false};
}

void insert(Listpack& pack, Bytes member, double score) {
  const std::size_t rank = rank_where(
      pack, [&](double s, Bytes text) { return s < score || (s == score && text < member); });
  const ScoreValue score_value(score);
  const ListpackValue pair[] = {ListpackValue::of(member), score_value.value()};
  pack.insert(pack.skip(pack.begin(), rank * 2), pair);
}

}  // namespace banyan::encodings::score_listpack
