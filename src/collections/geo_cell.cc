#include "collections/geo_cell.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace banyan::collections::geo {
namespace {

constexpr double kEarthRadiusMetres = 6372797.560856;
constexpr double kMapHalfMetres = 20037726.37;
constexpr Area kMap = {{-kLongitudeMax, kLongitudeMax}, {-kLatitudeMax, kLatitudeMax}};
constexpr std::uint64_t kEven = 0x5555555555555555ULL;
constexpr std::uint64_t kOdd = ~kEven;

double radians(double degrees) { return degrees * (std::numbers::pi / 180.0); }
double degrees(double radians) { return radians / (std::numbers::pi / 180.0); }

// Bit i of `value` goes to bit 2 * i.
std::uint64_t spread(std::uint32_t value) {
  std::uint64_t v = value;
  v = (v | v << 16) & 0x0000ffff0000ffffULL;
  v = (v | v << 8) & 0x00ff00ff00ff00ffULL;
  v = (v | v << 4) & 0x0f0f0f0f0f0f0f0fULL;
  v = (v | v << 2) & 0x3333333333333333ULL;
  return (v | v << 1) & kEven;
}

std::uint32_t gather(std::uint64_t v) {
  v &= kEven;
  v = (v | v >> 1) & 0x3333333333333333ULL;
  v = (v | v >> 2) & 0x0f0f0f0f0f0f0f0fULL;
  v = (v | v >> 4) & 0x00ff00ff00ff00ffULL;
  v = (v | v >> 8) & 0x0000ffff0000ffffULL;
  return static_cast<std::uint32_t>(v | v >> 16);
}

double parts(unsigned step) { return static_cast<double>(1ULL << step); }

std::uint32_t part_of(double value, const Interval& all, unsigned step) {
  return static_cast<std::uint32_t>((value - all.min) / (all.max - all.min) * parts(step));
}

Cell cell_of(const Point& point, unsigned step, const Area& map) {
  const std::uint64_t latitude = spread(part_of(point.latitude, map.latitude, step));
  const std::uint64_t longitude = spread(part_of(point.longitude, map.longitude, step));
  return {latitude | longitude << 1, step};
}

Interval interval_of(std::uint32_t part, const Interval& all, unsigned step) {
  const double scale = all.max - all.min;
  return {all.min + part / parts(step) * scale, all.min + (part + 1U) / parts(step) * scale};
}

Area area_of(const Cell& cell) {
  return {interval_of(gather(cell.bits >> 1), kMap.longitude, cell.step),
          interval_of(gather(cell.bits), kMap.latitude, cell.step)};
}

// One coordinate's bits moved by one part, around the edge of the map where there is one.
std::uint64_t moved(std::uint64_t bits, std::uint64_t mine, int direction, unsigned step) {
  const std::uint64_t unused = 64 - step * 2;
  const std::uint64_t others = ~mine >> unused;
  std::uint64_t v = bits & mine;
  if (direction > 0) v += others + 1;
  if (direction < 0) v = (v | others) - (others + 1);
  return v & (mine >> unused);
}

Cell neighbour(const Cell& cell, int east, int north) {
  const std::uint64_t x = east == 0 ? cell.bits & kOdd : moved(cell.bits, kOdd, east, cell.step);
  const std::uint64_t y =
      north == 0 ? cell.bits & kEven : moved(cell.bits, kEven, north, cell.step);
  return {x | y, cell.step};
}

// How fine cells may be, so that nine of them cover `radius` metres in most cases.
unsigned step_for(double radius, double latitude) {
  if (radius == 0) return kStepMax;
  int step = 1;
  for (; radius < kMapHalfMetres; radius *= 2) ++step;
  step -= 2;
  // Meridians come closer to each other towards the poles.
  if (std::fabs(latitude) > 66) --step;
  if (std::fabs(latitude) > 80) --step;
  return static_cast<unsigned>(std::clamp(step, 1, static_cast<int>(kStepMax)));
}

Area bounds_of(const Shape& shape) {
  const auto [longitude, latitude] = shape.centre;
  const double height = shape.is_box ? shape.height / 2 : shape.radius;
  const double width = shape.is_box ? shape.width / 2 : shape.radius;
  const double north = degrees(height / kEarthRadiusMetres);
  // A box is widest, in degrees, at its side that is nearer to ... the equator's other side.
  const double edge = latitude < 0 ? latitude - north : latitude + north;
  const double east = degrees(width / kEarthRadiusMetres / std::cos(radians(edge)));
  return {{longitude - east, longitude + east}, {latitude - north, latitude + north}};
}

struct Neighbourhood {
  // In the order in which they are searched: that of replies which are not sorted.
  enum Place : std::uint8_t { middle, north, south, east, west, ne, nw, se, sw };
  std::array<Cell, 9> cells;

  explicit Neighbourhood(const Cell& cell)
      : cells{cell,
              neighbour(cell, 0, 1),
              neighbour(cell, 0, -1),
              neighbour(cell, 1, 0),
              neighbour(cell, -1, 0),
              neighbour(cell, 1, 1),
              neighbour(cell, -1, 1),
              neighbour(cell, 1, -1),
              neighbour(cell, -1, -1)} {}

  bool covers(const Area& bounds) const {
    return !(area_of(cells[north]).latitude.max < bounds.latitude.max ||
             area_of(cells[south]).latitude.min > bounds.latitude.min ||
             area_of(cells[east]).longitude.max < bounds.longitude.max ||
             area_of(cells[west]).longitude.min > bounds.longitude.min);
  }
  void drop(std::initializer_list<Place> places) {
    for (const Place place : places) cells[place] = {};
  }
  // Where the middle one reaches beyond the bounds, nothing further out is needed.
  void drop_useless(const Area& bounds) {
    const Area area = area_of(cells[middle]);
    if (area.latitude.min < bounds.latitude.min) drop({south, sw, se});
    if (area.latitude.max > bounds.latitude.max) drop({north, ne, nw});
    if (area.longitude.min < bounds.longitude.min) drop({west, sw, nw});
    if (area.longitude.max > bounds.longitude.max) drop({east, se, ne});
  }
};

double distance_of_latitudes(double a, double b) {
  return kEarthRadiusMetres * std::fabs(radians(b) - radians(a));
}

}  // namespace

bool is_on_map(const Point& point) {
  return std::fabs(point.longitude) <= kLongitudeMax && std::fabs(point.latitude) <= kLatitudeMax;
}

double score_of(const Point& point) {
  return static_cast<double>(cell_of(point, kStepMax, kMap).bits);
}

Point point_of(double score) {
  // A score may be anything: ZADD gave it. What fits no integer becomes what it does in Redis.
  std::uint64_t bits = score > 0 ? 0 : 1ULL << 63;
  if (score >= 0 && score < 0x1p64) {
    bits = static_cast<std::uint64_t>(score);
  } else if (score < 0 && score >= -0x1p63) {
    bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(score));
  }
  const Area area = area_of({bits, kStepMax});
  const auto middle = [](const Interval& interval, double max) {
    return std::clamp((interval.min + interval.max) / 2, -max, max);
  };
  return {middle(area.longitude, kLongitudeMax), middle(area.latitude, kLatitudeMax)};
}

std::array<char, 11> text_of(const Point& point) {
  constexpr char kLetters[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  const Cell cell = cell_of(point, kStepMax, {{-180, 180}, {-90, 90}});
  std::array<char, 11> text;
  for (unsigned i = 0; i < 10; ++i) text[i] = kLetters[cell.bits >> (52 - (i + 1) * 5) & 0x1f];
  text[10] = kLetters[0];  // 52 bits are no 55
  return text;
}

double distance_metres(const Point& a, const Point& b) {
  const double v = std::sin((radians(b.longitude) - radians(a.longitude)) / 2);
  if (v == 0) return distance_of_latitudes(a.latitude, b.latitude);
  const double from = radians(a.latitude);
  const double to = radians(b.latitude);
  const double u = std::sin((to - from) / 2);
  const double haversine = u * u + std::cos(from) * std::cos(to) * v * v;
  return 2.0 * kEarthRadiusMetres * std::asin(std::sqrt(std::min(haversine, 1.0)));
}

bool is_within(const Shape& shape, const Point& point, double& distance) {
  if (shape.is_box) {
    if (distance_of_latitudes(point.latitude, shape.centre.latitude) > shape.height / 2)
      return false;
    const Point beside{shape.centre.longitude, point.latitude};
    if (distance_metres(point, beside) > shape.width / 2) return false;
    distance = distance_metres(shape.centre, point);
    return true;
  }
  distance = distance_metres(shape.centre, point);
  return distance <= shape.radius;
}

ScoreInterval scores_in(const Cell& cell) {
  const unsigned shift = 2 * (kStepMax - cell.step);
  return {static_cast<double>(cell.bits << shift), static_cast<double>((cell.bits + 1) << shift)};
}

std::array<Cell, 9> cells_around(const Shape& shape) {
  const Area bounds = bounds_of(shape);
  const double radius =
      shape.is_box
          ? std::sqrt(shape.width / 2 * (shape.width / 2) + shape.height / 2 * (shape.height / 2))
          : shape.radius;
  unsigned step = step_for(radius, shape.centre.latitude);
  Neighbourhood found(cell_of(shape.centre, step, kMap));
  if (step > 1 && !found.covers(bounds)) {
    --step;
    found = Neighbourhood(cell_of(shape.centre, step, kMap));
  }
  if (step >= 2) found.drop_useless(bounds);
  return found.cells;
}

}  // namespace banyan::collections::geo
