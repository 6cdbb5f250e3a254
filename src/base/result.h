// Result<T>: a value or an Error; it cannot be ignored.
//
// Vocabulary   An Error is a code and, when the code alone does not say it, a text. `reply_line()`
//              is what a RESP client is told (without the '-'); `describe()` is for logs and
//              people.
// Invariants   A canonical error (a code whose text never varies) allocates nothing.
// Threads      None; values.
//
//   TRY(auto n, parse_int(text));            // n is the value, or this function returns the error
//   TRY_DO(file.sync());                     // for Result<>
//   TRY_IN(File f, open(p), "open " + p);    // the error's text gets the prefix "open ...: "
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace banyan {

enum class Errc : std::uint8_t {
  err,         // "ERR <text>": the generic error, always with a text
  custom,      // the text is the whole reply line, code included ("NOAUTH Authentication ...")
  wrong_type,  // the canonical replies: no text of their own
  syntax,
  not_an_integer,
  not_a_float,
  out_of_range,  // "ERR value is out of range"
  no_such_key,
  overflow,  // "ERR increment or decrement would overflow"
  db_out_of_range,
  invalid_db,
  read_only,
  no_auth,
  loading,
  oom,
  corrupt,    // bytes from a file or a peer that cannot be what they claim
  need_more,  // an incremental parser: the input ends too early
  io,         // the operating system said no; text says what
  closed,     // the peer closed, or we did
  timed_out,
};

class Error {
 public:
  Error(Errc code) : code_(code) {}  // NOLINT(google-explicit-constructor): a code is an error
  Error(Errc code, std::string text)
      : code_(code), text_(std::make_unique<std::string>(std::move(text))) {}
  Error(const Error& other) : code_(other.code_), text_(copy(other.text_)) {}
  Error(Error&&) noexcept = default;
  Error& operator=(const Error& other) {
    code_ = other.code_;
    text_ = copy(other.text_);
    return *this;
  }
  Error& operator=(Error&&) noexcept = default;
  ~Error() = default;

  Errc code() const { return code_; }
  // The given text, or the canonical text of the code.
  std::string_view text() const;
  // "WRONGTYPE Operation against ...", "ERR syntax error": never with CR or LF inside.
  std::string reply_line() const;
  // For log lines: text() alone where it says enough.
  std::string describe() const;
  // The same error with `prefix + ": "` before its text.
  Error in(std::string_view prefix) &&;

 private:
  static std::unique_ptr<std::string> copy(const std::unique_ptr<std::string>& text) {
    return text ? std::make_unique<std::string>(*text) : nullptr;
  }
  Errc code_;
  std::unique_ptr<std::string> text_;
};
static_assert(sizeof(Error) == 16);

// "ERR <text>".
inline std::unexpected<Error> fail(std::string text) {
  return std::unexpected<Error>(Error(Errc::err, std::move(text)));
}
inline std::unexpected<Error> fail(Errc code) { return std::unexpected<Error>(Error(code)); }
inline std::unexpected<Error> fail(Errc code, std::string text) {
  return std::unexpected<Error>(Error(code, std::move(text)));
}

template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

}  // namespace banyan

#define BANYAN_CAT2(a, b) a##b
#define BANYAN_CAT(a, b) BANYAN_CAT2(a, b)
#define BANYAN_TRY(tmp, lhs, expr)                                   \
  auto tmp = (expr);                                                 \
  if (!tmp) [[unlikely]]                                             \
    return std::unexpected<::banyan::Error>(std::move(tmp).error()); \
  lhs = *std::move(tmp)
#define BANYAN_TRY_IN(tmp, lhs, expr, where)                                   \
  auto tmp = (expr);                                                           \
  if (!tmp) [[unlikely]]                                                       \
    return std::unexpected<::banyan::Error>(std::move(tmp).error().in(where)); \
  lhs = *std::move(tmp)
#define TRY(lhs, expr) BANYAN_TRY(BANYAN_CAT(try_, __LINE__), lhs, expr)
#define TRY_IN(lhs, expr, where) BANYAN_TRY_IN(BANYAN_CAT(try_, __LINE__), lhs, expr, where)
#define TRY_DO(expr)                                                          \
  do {                                                                        \
    if (auto try_result = (expr); !try_result) [[unlikely]]                   \
      return std::unexpected<::banyan::Error>(std::move(try_result).error()); \
  } while (false)
