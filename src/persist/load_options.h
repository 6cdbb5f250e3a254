// LoadOptions: what the loading of a value needs to know beside its bytes.
//
// Threads   A value.
#pragma once

#include "base/time.h"
#include "values/encoding_limits.h"

namespace banyan::persist {

struct LoadOptions {
  const values::EncodingLimits& limits;
  UnixMs now = 0;
  bool keep_expired = false;  // fields of hashes too: a replica leaves that to its primary
};

}  // namespace banyan::persist
