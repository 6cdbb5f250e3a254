// RequestParser: cuts the bytes a client sends into commands, without copying them.
//
// Vocabulary   A command is a list of words. It comes as a multibulk ("*2\r\n$3\r\nGET\r\n...") or
//              as an inline line ("GET key\n", with quotes and escapes as redis-cli has them).
// Invariants   What is parsed does not depend on how the network cut the bytes, errors included.
//              A command of n bytes costs O(n) in all, however many pieces it comes in.
//              Memory grows with the bytes received, never with a count or a length claimed.
// Threads      None. One parser per connection.
// Failure      A protocol error is final: parse() repeats it until reset(). The caller sends
//              "-ERR " + error() and closes.
//
//   while (!unread.empty()) {
//     words.clear();
//     if (parser.parse(unread, limits, words) != Outcome::command) break;
//     unread.remove_prefix(parser.consumed());
//     if (!words.empty()) run(words);
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace banyan::resp {

struct Limits {
  std::size_t bulk_max = 512UL * 1024 * 1024;  // proto-max-bulk-len
  std::size_t arguments_max = 1'048'576;       // at most INT_MAX, which is what Redis accepts
  std::size_t inline_max = 64UL * 1024;        // an inline line, any header line; at least 32
  bool authenticated = true;                   // if not: 10 words of 16 KiB, whatever is above
};

class RequestParser {
 public:
  enum class Outcome : std::uint8_t { command, need_more, protocol_error };

  // `input` starts where the current command starts. After need_more the caller passes the same
  // bytes again with more behind them; they may lie elsewhere in memory.
  // command         its words were appended to `words` as views into `input` (see owns_words());
  //                 consumed() bytes belong to it. A blank line and "*0" have no words: skip them.
  // need_more       `words` is as before; wanted() says how long `input` must be at least.
  // protocol_error  `words` is as before; error() says what is wrong.
  Outcome parse(Bytes input, const Limits& limits, std::vector<Bytes>& words) {
    if (phase_ == Phase::fresh && unescaped_ == nullptr && input.starts_with('*') &&
        parse_whole(input, limits, words)) [[likely]]
      return Outcome::command;
    return parse_piecemeal(input, limits, words);
  }

  std::size_t consumed() const { return consumed_; }
  // A hint for one reservation instead of many. It may be as large as Limits::bulk_max because
  // of a mere claim of the client.
  std::size_t wanted() const { return wanted_; }
  // True when words of the last command are held by the parser, because they had to be unescaped:
  // they are valid until the next parse(), so a batch of commands must end here.
  bool owns_words() const { return unescaped_ != nullptr; }
  // "Protocol error: ...", as Redis words it. May hold any byte the client sent, CR too.
  std::string error() const;

  // Forgets a half-parsed command or an error, and gives back all memory.
  void reset() { *this = RequestParser(); }

 private:
  enum class Phase : std::uint8_t { fresh, line, count, length, payload, failed };
  enum class Fault : std::uint8_t {
    none,
    count_invalid,
    count_too_long,
    count_unauthenticated,
    length_invalid,
    length_too_long,
    length_unauthenticated,
    dollar_expected,
    line_too_long,
    quotes_unbalanced,
  };
  struct Span {
    std::size_t offset;
    std::size_t size;
  };

  Outcome parse_piecemeal(Bytes input, const Limits& limits, std::vector<Bytes>& words);
  bool parse_whole(Bytes input, const Limits& limits, std::vector<Bytes>& words);
  Outcome parse_line(Bytes input, const Limits& limits, std::vector<Bytes>& words);
  Outcome resume(Bytes input, const Limits& limits, std::vector<Bytes>& words);
  std::optional<Outcome> read_count(Bytes input, const Limits& limits);
  std::optional<Outcome> read_length(Bytes input, const Limits& limits);
  std::optional<Outcome> find_header_end(Bytes input, const Limits& limits, Fault too_long);
  Outcome deliver(Bytes input, std::vector<Bytes>& words);
  Outcome finish(std::size_t consumed);
  Outcome wait_for(std::size_t size);
  Outcome fail(Fault fault);

  // Where the current command stands; offsets from the start of `input`. All of it rests (phase
  // fresh) while commands arrive whole.
  std::size_t at_ = 0;         // the header or payload being read starts here
  std::size_t scanned_ = 0;    // no line end lies between at_ and here
  std::size_t remaining_ = 0;  // words still to come, the one being read included
  std::size_t length_ = 0;     // of the payload being read
  std::vector<Span> spans_;    // the words read so far
  std::size_t consumed_ = 0;
  std::size_t wanted_ = 1;
  std::unique_ptr<char[]> unescaped_;
  Phase phase_ = Phase::fresh;
  Fault fault_ = Fault::none;
  char got_ = 0;  // instead of '$'
};

// True for what browsers and TLS clients say first: an HTTP request or response line, or a TLS
// ClientHello. No Redis client begins like that; a web page that attacks a local server does.
// "GET /x" alone is a legitimate inline command, so GET also needs " HTTP/" on its line.
bool looks_like_other_protocol(Bytes input);

}  // namespace banyan::resp
