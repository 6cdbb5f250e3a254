// IntegerText: room for the text of an integer, for functions that answer with a view of it.
#pragma once

namespace banyan {

using IntegerText = char[24];

}  // namespace banyan
