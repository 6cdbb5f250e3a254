#include "config/extremes.h"

#include "config/setting.h"

namespace banyan::config {
namespace {

void draw_one(const Setting& setting, Rng& rng, Settings& settings) {
  if (const auto* kind = std::get_if<Integer>(&setting.kind); kind && setting.extreme.given()) {
    if (rng.chance(0.5))
      kind->set(settings, rng.between(setting.extreme.low, setting.extreme.high));
  } else if (const auto* special = std::get_if<Special>(&setting.kind);
             special && special->draw_extreme) {
    if (rng.chance(0.5)) special->draw_extreme(settings, rng);
  }
}

}  // namespace

void draw_extremes(Rng& rng, Settings& settings) {
  for (const std::span<const Setting> group : all_settings())
    for (const Setting& setting : group) draw_one(setting, rng, settings);
}

}  // namespace banyan::config
