// Ziplists: the compact containers of Redis before version 7, read into listpacks.
//
// Threads   None; a pure function.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "encodings/listpack.h"

namespace banyan::persist {

// The elements in their order, in a listpack that is the caller's to destroy. nullopt when `bytes`
// are no ziplist, to the last byte.
std::optional<encodings::Listpack> listpack_of_ziplist(Bytes bytes);

}  // namespace banyan::persist
