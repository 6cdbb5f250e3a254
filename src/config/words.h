// Words of a configuration line: blanks separate; inside "..." a backslash makes n r t b a and xHH
// special and quotes anything else; inside '...' it quotes only '. A closing quote ends its word.
//
// Threads   None; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace banyan::config {

// nullopt: a quote is not closed, or something follows a closing quote.
std::optional<std::vector<std::string>> split_words(Bytes line);

// `word` as "...", whatever it contains: split_words gives back exactly it. Bytes above 127 are
// left as they are, so that names in other alphabets stay readable.
std::string in_quotes(Bytes word);
// in_quotes where split_words would not give back the bare word.
std::string quote_if_needed(Bytes word);

}  // namespace banyan::config
