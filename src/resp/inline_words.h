// Splitting an inline command line into words, with quotes and escapes.
//
//   set key "a\nb\x41\"" 'it\'s'     ->  set | key | a<LF>bA" | it's
//
// Vocabulary   Blanks separate words. "..." knows \n \r \t \b \a \xHH, and \c for any other c;
//              '...' knows \'. A closing quote must be followed by a blank or the end.
// Threads      None; a pure function.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"

namespace banyan::resp {

// Appends the words of `line`: views into it, or, from the first quoted word on, into `storage`
// (allocated only then; at most line.size() bytes). False, and `words` as before, when quotes are
// unbalanced. Bytes 0 are ordinary: binary data on an inline line is not cut short.
bool split_inline(Bytes line, std::vector<Bytes>& words, std::unique_ptr<char[]>& storage);

}  // namespace banyan::resp
