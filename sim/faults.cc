#include "sim/faults.h"

#include <algorithm>
#include <cmath>

namespace banyan::sim {

Faults Faults::healed() const {
  Faults calm = *this;
  calm.refuse_connect = calm.short_io = calm.name_failure = 0;
  calm.write_error = calm.sync_error = 0;
  calm.disk_capacity_bytes = Faults{}.disk_capacity_bytes;
  calm.cuts_per_s = calm.partitions_per_s = calm.clogs_per_s = 0;
  calm.crashes_per_s = calm.pauses_per_s = calm.wall_jumps_per_s = 0;
  return calm;
}

Faults draw_faults(Rng& rng) {
  Faults faults;
  const auto sometimes = [&](double max) { return rng.chance(0.5) ? rng.unit() * max : 0; };
  faults.latency_mean = draw_exponential(rng, 5ms);
  faults.refuse_connect = sometimes(0.1);
  faults.split_segment = sometimes(0.5);
  faults.short_io = sometimes(0.3);
  faults.name_failure = sometimes(0.2);
  if (rng.chance(0.25)) faults.socket_buffer_bytes = 64U << rng.below(8);
  faults.write_error = rng.chance(0.25) ? sometimes(0.01) : 0;
  faults.sync_error = rng.chance(0.25) ? sometimes(0.01) : 0;
  faults.sync_mean = draw_up_to(rng, 5ms);
  faults.wall_offset_max = draw_up_to(rng, 10s);
  faults.drift_ppm_max = rng.between(0, 200);
  faults.cuts_per_s = sometimes(0.5);
  faults.partitions_per_s = sometimes(0.2);
  faults.clogs_per_s = sometimes(0.3);
  faults.crashes_per_s = sometimes(0.2);
  faults.pauses_per_s = sometimes(0.2);
  faults.wall_jumps_per_s = sometimes(0.1);
  return faults;
}

Duration draw_exponential(Rng& rng, Duration mean) {
  if (mean <= Duration::zero()) return Duration::zero();
  const double factor = std::min(20.0, -std::log(1.0 - rng.unit()));
  return Duration(static_cast<std::int64_t>(factor * static_cast<double>(mean.count())));
}

Duration draw_up_to(Rng& rng, Duration max) { return Duration(rng.between(0, max.count())); }

}  // namespace banyan::sim
