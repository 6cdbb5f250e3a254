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
