// Extreme settings for the simulator: tiny buffers and short times, so that a seed meets in seconds
// what a user meets in years.
//
// Threads   None.
#pragma once

#include "base/rng.h"
#include "config/settings.h"

namespace banyan::config {

// About half of the settings with an `extreme` in the table get a value from it.
void draw_extremes(Rng& rng, Settings& settings);

}  // namespace banyan::config
