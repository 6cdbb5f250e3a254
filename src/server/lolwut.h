// LOLWUT's picture: a banyan, another one each time.
//
// Threads   None; a pure function.
#pragma once

#include <string>

#include "base/rng.h"

namespace banyan::server {

std::string draw_banyan(Rng& rng);

}  // namespace banyan::server
