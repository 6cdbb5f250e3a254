#include "base/result.h"

#include <algorithm>

namespace banyan {
namespace {

// Code word and canonical text of each code; an empty code word means "the text is the whole line".
struct Canonical {
  std::string_view word;
  std::string_view text;
};

Canonical canonical(Errc code) {
  switch (code) {
    case Errc::err:
      return {"ERR", "error"};
    case Errc::custom:
      return {"", "ERR error"};
    case Errc::wrong_type:
      return {"WRONGTYPE", "Operation against a key holding the wrong kind of value"};
    case Errc::syntax:
      return {"ERR", "syntax error"};
    case Errc::not_an_integer:
      return {"ERR", "value is not an integer or out of range"};
    case Errc::not_a_float:
      return {"ERR", "value is not a valid float"};
    case Errc::out_of_range:
      return {"ERR", "value is out of range"};
    case Errc::no_such_key:
      return {"ERR", "no such key"};
    case Errc::overflow:
      return {"ERR", "increment or decrement would overflow"};
    case Errc::db_out_of_range:
      return {"ERR", "DB index is out of range"};
    case Errc::invalid_db:
      return {"ERR", "invalid DB index"};
    case Errc::read_only:
      return {"READONLY", "You can't write against a read only replica."};
    case Errc::no_auth:
      return {"NOAUTH", "Authentication required."};
    case Errc::loading:
      return {"LOADING", "Redis is loading the dataset in memory"};
    case Errc::oom:
      return {"OOM", "command not allowed when used memory > 'maxmemory'."};
    case Errc::corrupt:
      return {"ERR", "corrupt data"};
    case Errc::need_more:
      return {"ERR", "unexpected end of input"};
    case Errc::io:
      return {"ERR", "input/output error"};
    case Errc::closed:
      return {"ERR", "connection closed"};
    case Errc::timed_out:
      return {"ERR", "timed out"};
  }
  return {"ERR", "error"};
}

}  // namespace

std::string_view Error::text() const { return text_ ? *text_ : canonical(code_).text; }

std::string Error::reply_line() const {
  const Canonical c = canonical(code_);
  std::string line(c.word);
  if (!line.empty()) line += ' ';
  line += text();
  std::replace_if(
      line.begin(), line.end(), [](char ch) { return ch == '\r' || ch == '\n'; }, ' ');
  return line;
}

std::string Error::describe() const { return std::string(text()); }

Error Error::in(std::string_view prefix) && {
  std::string joined(prefix);
  joined += ": ";
  joined += text();
  return Error(code_, std::move(joined));
}

}  // namespace banyan
