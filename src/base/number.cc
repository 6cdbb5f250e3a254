#include "base/number.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace banyan {

std::optional<std::int64_t> parse_int(Bytes text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = *p == '-';
  if (negative && ++p == end) return std::nullopt;
  if (*p == '0') return text.size() == 1 ? std::optional<std::int64_t>(0) : std::nullopt;
  std::uint64_t value = 0;
  for (; p != end; ++p) {
    const auto digit = static_cast<unsigned>(*p - '0');
    if (digit > 9) return std::nullopt;
    if (__builtin_mul_overflow(value, 10U, &value) || __builtin_add_overflow(value, digit, &value))
      return std::nullopt;
  }
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value > kMax + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

std::optional<std::uint64_t> parse_unsigned(Bytes text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

namespace {

// strtod and strtold accept more than Redis does (spaces in front, hexadecimal is fine, NaN is
// not).
template <class T, T (*convert)(const char*, char**)>
std::optional<T> parse_floating(Bytes text) {
  // As long as format_long_double() gets: what was written must be readable.
  constexpr std::size_t kTextMax = 5119;
  if (text.empty() || text.size() > kTextMax || text.find('\0') != Bytes::npos) return std::nullopt;
  if (std::isspace(static_cast<unsigned char>(text.front())) != 0) return std::nullopt;
  char copy[kTextMax + 1];
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  char* end = nullptr;
  errno = 0;
  const T value = convert(copy, &end);
  if (end != copy + text.size() || std::isnan(value)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> parse_double(Bytes text) {
  // What begins with a digit is a plain number nearly always: strtod() is many times slower.
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end) return value;
  }
  return parse_floating<double, std::strtod>(text);
}

std::optional<long double> parse_long_double(Bytes text) {
  return parse_floating<long double, std::strtold>(text);
}

namespace {

// "00" to "99".
constexpr auto kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

constexpr auto kPowersOfTen = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (std::uint64_t& p : powers) {
    p = power;
    power *= 10;
  }
  return powers;
}();

std::size_t digits_of(std::uint64_t value) {
  // 1233 / 4096 is about log10(2): the guess is the number of digits, or one less.
  const auto guess = static_cast<std::size_t>(std::bit_width(value | 1)) * 1233 / 4096;
  return guess + (value >= kPowersOfTen[guess] ? 1 : 0) + (value == 0 ? 1 : 0);
}

}  // namespace

// Replies are full of numbers: std::to_chars() takes three times as long.
std::size_t write_int(char* to, std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(value);
  const bool negative = value < 0;
  if (negative) {
    *to++ = '-';
    rest = 0 - rest;
  }
  const std::size_t digits = digits_of(rest);
  char* p = to + digits;
  for (; rest >= 100; rest /= 100) std::memcpy(p -= 2, &kTwoDigits[rest % 100 * 2], 2);
  if (rest >= 10) {
    std::memcpy(to, &kTwoDigits[rest * 2], 2);
  } else {
    *to = static_cast<char>('0' + rest);
  }
  return digits + (negative ? 1 : 0);
}

namespace {

// The digits of a number and its decimal exponent: 0.d1d2d3... * 10^point.
struct Decimal {
  char digits[20];
  int size = 0;
  int point = 0;
};

Decimal shortest_decimal(double value) {
  char text[kDoubleTextMax];
  const char* const end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  Decimal decimal;
  const char* p = text;
  for (; *p != 'e'; ++p)
    if (*p != '.') decimal.digits[decimal.size++] = *p;
  p += p[1] == '+' ? 2 : 1;  // from_chars() takes no plus
  int exponent = 0;
  std::from_chars(p, end, exponent);
  decimal.point = exponent + 1;
  while (decimal.size > 1 && decimal.digits[decimal.size - 1] == '0') --decimal.size;
  return decimal;
}

char* put(char* to, const char* text, int size) {
  std::memcpy(to, text, static_cast<std::size_t>(size));
  return to + size;
}

char* put_zeros(char* to, int count) {
  std::memset(to, '0', static_cast<std::size_t>(count));
  return to + count;
}

// Where Redis puts the point, and when it takes an exponent.
char* put_decimal(char* to, const Decimal& d) {
  const int zeros = d.point - d.size;
  const int exponent = d.point - 1;
  if (zeros >= 0 && exponent < d.size + 7) return put_zeros(put(to, d.digits, d.size), zeros);
  if (zeros < 0 && (zeros > -7 || std::abs(exponent) < 4)) {
    if (d.point > 0) {
      to = put(to, d.digits, d.point);
      *to++ = '.';
      return put(to, d.digits + d.point, d.size - d.point);
    }
    to = put_zeros(put(to, "0.", 2), -d.point);
    return put(to, d.digits, d.size);
  }
  *to++ = d.digits[0];
  if (d.size > 1) {
    *to++ = '.';
    to = put(to, d.digits + 1, d.size - 1);
  }
  *to++ = 'e';
  *to++ = exponent < 0 ? '-' : '+';
  return std::to_chars(to, to + 4, std::abs(exponent)).ptr;
}

}  // namespace

std::size_t write_shortest_double(char* to, double value) {
  const char* const begin = to;
  if (std::isnan(value)) return static_cast<std::size_t>(put(to, "nan", 3) - begin);
  if (std::signbit(value)) *to++ = '-';
  if (std::isinf(value)) return static_cast<std::size_t>(put(to, "inf", 3) - begin);
  if (value == 0) return static_cast<std::size_t>(put(to, "0", 1) - begin);
  return static_cast<std::size_t>(put_decimal(to, shortest_decimal(std::fabs(value))) - begin);
}

std::size_t write_double(char* to, double value) {
  constexpr double kIntegerMax = 0x1p62;
  if (value >= -kIntegerMax && value <= kIntegerMax) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<double>(integer) == value && (integer != 0 || !std::signbit(value)))
      return write_int(to, integer);
  }
  return write_shortest_double(to, value);
}

std::string format_double(double value) {
  char text[kDoubleTextMax];
  return {text, write_double(text, value)};
}

std::string format_long_double(long double value) {
  char text[5120];
  int size = std::snprintf(text, sizeof text, "%.17Lf", value);
  std::string out(text, static_cast<std::size_t>(size));
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

std::optional<std::int64_t> parse_memory(Bytes text) {
  std::size_t digits = 0;
  while (digits < text.size() &&
         (text[digits] == '-' || (text[digits] >= '0' && text[digits] <= '9')))
    ++digits;
  std::int64_t unit = 0;
  const std::string suffix = lower(text.substr(digits));
  if (suffix.empty() || suffix == "b") unit = 1;
  if (suffix == "k") unit = 1000;
  if (suffix == "kb") unit = 1024;
  if (suffix == "m") unit = 1000 * 1000;
  if (suffix == "mb") unit = 1024 * 1024;
  if (suffix == "g") unit = 1000L * 1000 * 1000;
  if (suffix == "gb") unit = 1024L * 1024 * 1024;
  if (unit == 0) return std::nullopt;
  const char* begin = text.data();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(begin, begin + digits, value);
  if (digits == 0 || error != std::errc() || end != begin + digits) return std::nullopt;
  if (__builtin_mul_overflow(value, unit, &value)) return std::nullopt;
  return value;
}

}  // namespace banyan
