// Zipmaps: the compact hashes of Redis before version 2.6, read into listpacks.
//
// Threads   None; a pure function.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "encodings/listpack.h"

namespace banyan::persist {

// Field, value, field, value, ..., in a listpack that is the caller's to destroy. nullopt when
// `bytes` are no zipmap, to the last byte.
std::optional<encodings::Listpack> listpack_of_zipmap(Bytes bytes);

}  // namespace banyan::persist
