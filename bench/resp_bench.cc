// The cost of a request's parsing and of a reply's writing; a time per item is a time per command.
#include <benchmark/benchmark.h>

#include <array>

#include "resp/reply_parser.h"
#include "resp/reply_writer.h"
#include "resp/request_parser.h"
#include "resp/request_writer.h"

namespace {

using banyan::Bytes;
using namespace banyan::resp;  // NOLINT: a program of one file

constexpr int kPipeline = 32;

std::string pipeline_of(std::initializer_list<Bytes> command) {
  std::string all;
  for (int i = 0; i < kPipeline; ++i) append_command(all, command);
  return all;
}

void parse(benchmark::State& state, const std::string& input) {
  RequestParser parser;
  const Limits limits;
  std::vector<Bytes> words;
  for (auto _ : state) {
    Bytes unread = input;
    while (!unread.empty()) {
      words.clear();
      if (parser.parse(unread, limits, words) != RequestParser::Outcome::command) std::abort();
      unread.remove_prefix(parser.consumed());
      benchmark::DoNotOptimize(words.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}

void parse_get(benchmark::State& state) { parse(state, pipeline_of({"GET", "key:000000123456"})); }
BENCHMARK(parse_get);

void parse_set(benchmark::State& state) {
  parse(state, pipeline_of({"SET", "key:000000123456", std::string(64, 'v')}));
}
BENCHMARK(parse_set);

void parse_inline(benchmark::State& state) {
  std::string input;
  for (int i = 0; i < kPipeline; ++i) input += "GET key:000000123456\r\n";
  parse(state, input);
}
BENCHMARK(parse_inline);

// A command of 10,000 words that arrives in reads of 16 KiB; a time per item is a time per word.
void parse_long_in_pieces(benchmark::State& state) {
  constexpr std::size_t kWords = 10'000;
  constexpr std::size_t kRead = 16 * 1024;
  const std::vector<Bytes> command(kWords, "key:000000123456");
  std::string input;
  append_command(input, command);
  RequestParser parser;
  std::vector<Bytes> words;
  for (auto _ : state) {
    words.clear();
    std::size_t size = 0;
    do {
      size = std::min(size + kRead, input.size());
    } while (parser.parse(Bytes(input).substr(0, size), {}, words) !=
             RequestParser::Outcome::command);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kWords));
}
BENCHMARK(parse_long_in_pieces);

// Writes a batch with `write`, then sends it.
template <class Write>
void reply(benchmark::State& state, Write write) {
  Output output;
  for (auto _ : state) {
    ReplyWriter writer(output, Protocol::resp2);
    for (int i = 0; i < kPipeline; ++i) write(writer);
    std::array<Bytes, 8> pieces;
    benchmark::DoNotOptimize(output.pieces(pieces));
    output.consume(output.size());
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}

void reply_bulk_64(benchmark::State& state) {
  const std::string value(64, 'v');
  reply(state, [&value](ReplyWriter& writer) { writer.bulk(value); });
}
BENCHMARK(reply_bulk_64);

void reply_ok(benchmark::State& state) {
  reply(state, [](ReplyWriter& writer) { writer.ok(); });
}
BENCHMARK(reply_ok);

void reply_integer(benchmark::State& state) {
  std::int64_t value = 12345;
  benchmark::DoNotOptimize(value);
  reply(state, [value](ReplyWriter& writer) { writer.integer(value); });
}
BENCHMARK(reply_integer);

void reply_deferred_array(benchmark::State& state) {
  reply(state, [](ReplyWriter& writer) {
    const auto array = writer.begin_array();
    writer.bulk("a");
    writer.bulk("b");
    writer.end_array(array, 2);
  });
}
BENCHMARK(reply_deferred_array);

void read_bulk_replies(benchmark::State& state) {
  std::string input;
  for (int i = 0; i < kPipeline; ++i) input += "$64\r\n" + std::string(64, 'v') + "\r\n";
  ReplyParser parser;
  std::vector<Value> values;
  for (auto _ : state) {
    values.clear();
    if (!parser.feed(input, values)) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(read_bulk_replies);

void write_set_command(benchmark::State& state) {
  const std::string value(64, 'v');
  const std::array<Bytes, 3> words = {"SET", "key:000000123456", value};
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (int i = 0; i < kPipeline; ++i) append_command(out, words);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(write_set_command);

}  // namespace
