// Geohash arithmetic: places on the earth as numbers that sort by neighbourhood.
//
// Vocabulary   A *cell* is one of the 4^step equal parts of the map (longitude -180 to 180,
// latitude
//              about -85 to 85); its bits alternate between the two coordinates. A *score* is the
//              bits of a cell at step 26, as sorted sets hold places.
// Threads      Pure functions.
#pragma once

#include <array>
#include <cstdint>

namespace banyan::collections::geo {

struct Point {
  double longitude = 0;
  double latitude = 0;
};

inline constexpr double kLongitudeMax = 180;
inline constexpr double kLatitudeMax = 85.05112878;  // of the square map (EPSG:3857)
inline constexpr unsigned kStepMax = 26;             // 52 bits: exact in a double

struct Interval {
  double min = 0;
  double max = 0;
};
struct Area {
  Interval longitude, latitude;
};

struct Cell {
  std::uint64_t bits = 0;
  unsigned step = 0;  // 0: no cell
  bool operator==(const Cell&) const = default;
};

// What half-extents a search covers, in metres.
struct Shape {
  Point centre;
  bool is_box = false;
  double radius = 0;
  double width = 0;
  double height = 0;
};

bool is_on_map(const Point& point);
// Requires: is_on_map(point).
double score_of(const Point& point);
// Any score gives a point on the map.
Point point_of(double score);
// The geohash that others use, on a map of latitudes from -90 to 90: eleven letters.
std::array<char, 11> text_of(const Point& point);

double distance_metres(const Point& a, const Point& b);
// False when `point` is outside; else `distance` is that to the centre.
bool is_within(const Shape& shape, const Point& point, double& distance);

// The scores from .first up to, not including, .second lie in the cell.
struct ScoreInterval {
  double first;
  double second;
};
ScoreInterval scores_in(const Cell& cell);
// Cells that cover the shape, the middle one first; those that are not needed are none.
std::array<Cell, 9> cells_around(const Shape& shape);

}  // namespace banyan::collections::geo
