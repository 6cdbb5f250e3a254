// Numbers as Redis reads and writes them.
//
// parse_int     strict: optional '-', no '+', no spaces, no leading zeros ("0" itself is fine); the
//               whole text. That is what decides whether a string is stored as an integer.
// parse_double  the whole text, no surrounding space, no NaN; "inf", "+inf", "-inf" and
//               "infinity" in any case.
// write_double, format_double  the shortest text that reads back as the same double, as Redis 7.2
//              prints scores: integers up to 2^62 in full.
// write_shortest_double  likewise, but integers of many zeros have an exponent: what goes into
//              DEBUG DIGEST.
// format_long_double  as INCRBYFLOAT prints: at most 17 decimals, no exponent, no trailing zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace banyan {

std::optional<std::int64_t> parse_int(Bytes text);
std::optional<std::uint64_t> parse_unsigned(Bytes text);
std::optional<double> parse_double(Bytes text);
std::optional<long double> parse_long_double(Bytes text);

// Writes at most 20 characters at `to`, returns how many.
std::size_t write_int(char* to, std::int64_t value);
inline constexpr std::size_t kDoubleTextMax = 32;
// Write at most kDoubleTextMax characters at `to`, return how many.
std::size_t write_double(char* to, double value);
std::size_t write_shortest_double(char* to, double value);
std::string format_double(double value);
std::string format_long_double(long double value);

// "1gb", "64mb", "100k", "512": bytes. k = 1000, kb = 1024, likewise m, mb, g, gb; b allowed.
std::optional<std::int64_t> parse_memory(Bytes text);

}  // namespace banyan
