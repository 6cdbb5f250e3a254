#include "collections/geo_cell.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/rng.h"

namespace banyan::collections::geo {
namespace {

Point some_point(Rng& rng) { return {rng.unit() * 360 - 180, (rng.unit() * 2 - 1) * kLatitudeMax}; }

TEST(GeoCell, a_point_comes_back_from_its_score_nearly) {
  Rng rng(1);
  for (int i = 0; i < 10'000; ++i) {
    const Point point = some_point(rng);
    const Point back = point_of(score_of(point));
    EXPECT_NEAR(back.longitude, point.longitude, 360.0 / (1 << 26));
    EXPECT_NEAR(back.latitude, point.latitude, 180.0 / (1 << 26));
    EXPECT_EQ(score_of(back), score_of(point));
  }
}

TEST(GeoCell, texts_are_those_that_others_use) {
  const auto text = text_of({13.361389338970184, 38.115556395496299});
  EXPECT_EQ(std::string(text.data(), text.size()), "sqc8b49rny0");
}

TEST(GeoCell, any_score_is_a_point_on_the_map) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  for (const double score : {-kInf, kInf, -1.0, 1e300, -1e300, 0.5, 0x1p63, -0x1p63, 0x1p52})
    EXPECT_TRUE(is_on_map(point_of(score))) << score;
}

// What the nine cells leave out, no search would find.
TEST(GeoCell, cells_cover_what_a_search_wants) {
  Rng rng(2);
  int inside = 0;
  for (int i = 0; i < 3000; ++i) {
    Shape shape{.centre = {rng.unit() * 300 - 150, rng.unit() * 130 - 65}};
    const double size = std::pow(10, 1 + rng.unit() * 5);
    shape.is_box = rng.chance(0.5);
    shape.radius = size;
    shape.width = size;
    shape.height = size * rng.unit();
    const auto cells = cells_around(shape);
    for (int k = 0; k < 30; ++k) {
      const double degrees = size / 111'000;
      const Point point{shape.centre.longitude + (rng.unit() * 2 - 1) * degrees,
                        shape.centre.latitude + (rng.unit() * 2 - 1) * degrees};
      double distance = 0;
      if (!is_on_map(point) || !is_within(shape, point, distance)) continue;
      ++inside;
      bool found = false;
      for (const Cell& cell : cells) {
        if (cell.step == 0) continue;
        const ScoreInterval scores = scores_in(cell);
        found |= score_of(point) >= scores.first && score_of(point) < scores.second;
      }
      EXPECT_TRUE(found) << shape.centre.longitude << ' ' << shape.centre.latitude << ' ' << size;
    }
  }
  EXPECT_GT(inside, 10'000);
}

TEST(GeoCell, distances_are_those_of_a_sphere) {
  EXPECT_NEAR(distance_metres({13.361389, 38.115556}, {15.087269, 37.502669}), 166274, 1);
  EXPECT_EQ(distance_metres({1, 2}, {1, 2}), 0);
  EXPECT_NEAR(distance_metres({-180, 0}, {180, 0}), 0, 1);
  EXPECT_NEAR(distance_metres({0, 0}, {180, 0}), 3.14159265358979 * 6372797.560856, 1);
}

}  // namespace
}  // namespace banyan::collections::geo
