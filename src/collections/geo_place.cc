// Single places: GEOADD, GEODIST, GEOHASH, GEOPOS.
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "collections/geo_handlers.h"
#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;
using store::Entry;
using values::SortedSetView;

namespace geo {

Result<Point> point_arg(const Call& call, std::size_t i) {
  const auto longitude = parse_double(call.arg(i));
  const auto latitude = longitude ? parse_double(call.arg(i + 1)) : std::nullopt;
  if (!latitude) return fail(Errc::not_a_float);
  const Point point{*longitude, *latitude};
  if (!is_on_map(point))
    return fail(
        fmt::format("invalid longitude,latitude pair {:f},{:f}", point.longitude, point.latitude));
  return point;
}

Result<double> unit_arg(const Call& call, std::size_t i) {
  if (call.is(i, "m")) return 1;
  if (call.is(i, "km")) return 1000;
  if (call.is(i, "ft")) return 0.3048;
  if (call.is(i, "mi")) return 1609.34;
  return fail("unsupported unit provided. please use M, KM, FT, MI");
}

void reply_distance(resp::ReplyWriter& reply, double distance) {
  const std::int64_t scaled = std::llrint(distance * 10'000);
  reply.bulk(fmt::format("{}.{:04}", scaled / 10'000, scaled % 10'000));
}

void reply_point(resp::ReplyWriter& reply, const Point& point) {
  reply.array(2);
  for (const double value : {point.longitude, point.latitude}) {
    const std::string text = format_long_double(value);
    if (reply.protocol() == resp::Protocol::resp3) {
      reply.raw("," + text + "\r\n");
    } else {
      reply.bulk(text);
    }
  }
}

}  // namespace geo

namespace {

std::optional<geo::Point> point_of_member(const Entry* entry, Bytes member) {
  if (entry == nullptr) return std::nullopt;
  const auto score = SortedSetView(entry->body()).score(member);
  if (!score) return std::nullopt;
  return geo::point_of(*score);
}

}  // namespace

// What it does, and how it is logged, is ZADD with the places' scores.
Result<> geoadd(Call& call) {
  std::size_t first = 2;
  bool only_new = false;
  bool only_existing = false;
  for (; first < call.size(); ++first) {
    if (call.is(first, "nx")) {
      only_new = true;
    } else if (call.is(first, "xx")) {
      only_existing = true;
    } else if (!call.is(first, "ch")) {
      break;
    }
  }
  if ((call.size() - first) % 3 != 0 || (only_new && only_existing)) return fail(Errc::syntax);
  std::vector<std::string> scores;
  for (std::size_t i = first; i < call.size(); i += 3) {
    TRY(const geo::Point point, geo::point_arg(call, i));
    scores.push_back(format_double(geo::score_of(point)));
  }
  std::vector<Bytes> words(call.words.begin(), call.words.begin() + static_cast<long>(first));
  words[0] = "ZADD";
  for (std::size_t i = 0; i < scores.size(); ++i) {
    words.push_back(scores[i]);
    words.push_back(call.arg(first + i * 3 + 2));
  }
  const std::span<const Bytes> received = call.words;
  call.words = words;
  Result<> result = zadd(call);
  call.words = received;
  if (result && call.effects().dirty() > 0) call.effects().instead(std::span<const Bytes>(words));
  return result;
}

Result<> geodist(Call& call) {
  if (call.size() > 5) return fail(Errc::syntax);
  double unit = 1;
  if (call.size() == 5) {
    TRY(unit, geo::unit_arg(call, 4));
  }
  TRY(const Entry* entry, find_sorted_set(call));
  const auto from = point_of_member(entry, call.arg(2));
  const auto to = point_of_member(entry, call.arg(3));
  if (from && to) {
    geo::reply_distance(call.reply, geo::distance_metres(*from, *to) / unit);
  } else {
    call.reply.null();
  }
  return {};
}

Result<> geohash(Call& call) {
  TRY(const Entry* entry, find_sorted_set(call));
  call.reply.array(call.size() - 2);
  for (std::size_t i = 2; i < call.size(); ++i) {
    const auto point = point_of_member(entry, call.arg(i));
    if (!point) {
      call.reply.null();
      continue;
    }
    const auto text = geo::text_of(*point);
    call.reply.bulk({text.data(), text.size()});
  }
  return {};
}

Result<> geopos(Call& call) {
  TRY(const Entry* entry, find_sorted_set(call));
  call.reply.array(call.size() - 2);
  for (std::size_t i = 2; i < call.size(); ++i) {
    const auto point = point_of_member(entry, call.arg(i));
    point ? geo::reply_point(call.reply, *point) : call.reply.null_array();
  }
  return {};
}

}  // namespace banyan::collections
