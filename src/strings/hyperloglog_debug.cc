#include <cmath>

#include "strings/hyperloglog_handlers.h"
#include "values/hyperloglog.h"

namespace banyan::strings {

using namespace commands;

namespace {

using values::HllElement;
using values::HllRegisters;

// True when the value was sparse.
Result<bool> change_to_dense(Call& call, const Database::Place& place, std::string text) {
  if (values::is_dense(text)) return false;
  TRY_DO(values::make_dense(text));
  put_hll(call, place, text);
  call.effects().changed();
  return true;
}

Result<> reply_registers(Call& call, const Database::Place& place, const std::string& text) {
  HllRegisters registers;
  TRY_DO(registers.merge(text));
  TRY_DO(change_to_dense(call, place, text));
  call.reply.array(values::kHllRegisters);
  for (unsigned i = 0; i < values::kHllRegisters; ++i) call.reply.integer(registers[i]);
  return {};
}

Result<> test_registers(Rng& rng) {
  std::string text = values::empty_hll();
  TRY_DO(values::make_dense(text));
  std::string expected(values::kHllRegisters, '\0');
  for (unsigned i = 0; i < 10 * values::kHllRegisters; ++i) {
    const HllElement element{.index = static_cast<std::uint32_t>(rng.below(values::kHllRegisters)),
                             .value = static_cast<std::uint8_t>(rng.between(1, 51))};
    values::raise_dense(text.data(), element);
    char& value = expected[element.index];
    value = std::max(value, static_cast<char>(element.value));
  }
  HllRegisters registers;
  TRY_DO(registers.merge(text));
  for (unsigned i = 0; i < values::kHllRegisters; ++i) {
    if (registers[i] == expected[i]) continue;
    return fail(Errc::custom, "TESTFAILED Register " + std::to_string(i) + " should be " +
                                  std::to_string(expected[i]) + " but is " +
                                  std::to_string(registers[i]));
  }
  return {};
}

// `text`, to which `count` elements were added, and a dense one to which the same were.
Result<> test_estimate(const std::string& text, const std::string& dense, std::uint64_t count) {
  TRY(const std::uint64_t estimate, values::count_elements(text));
  TRY(const std::uint64_t other, values::count_elements(dense));
  if (estimate != other) return fail(Errc::custom, "TESTFAILED dense/sparse disagree");
  constexpr double kStandardError = 1.04 / 128;  // of 2^14 registers
  const double off = std::abs(static_cast<double>(estimate) - static_cast<double>(count));
  if (off <= std::ceil(6 * kStandardError * static_cast<double>(count))) return {};
  return fail(Errc::custom, "TESTFAILED Too big error. card:" + std::to_string(count) +
                                " abserr:" + std::to_string(static_cast<std::uint64_t>(off)));
}

Result<> test_estimates(Rng& rng, std::size_t sparse_bytes_max) {
  constexpr std::uint64_t kElements = 1'000'000;
  std::string text = values::empty_hll();
  std::string dense = text;
  TRY_DO(values::make_dense(dense));
  const std::uint64_t salt = rng.next();
  std::uint64_t checkpoint = 1;
  for (std::uint64_t i = 1; i <= kElements; ++i) {
    const std::uint64_t word = i ^ salt;
    const HllElement element = HllElement::of({reinterpret_cast<const char*>(&word), sizeof word});
    values::raise_dense(dense.data(), element);
    TRY_DO(values::raise_register(text, element, sparse_bytes_max));
    if (i != checkpoint) continue;
    TRY_DO(test_estimate(text, dense, i));
    checkpoint *= 10;
  }
  return {};
}

}  // namespace

Result<> pfdebug(Call& call) {
  TRY(Database::Place place, call.db.string_place(call.key()));
  if (!place) return fail("The specified key does not exist");
  IntegerText room;
  TRY(const Bytes view, hll_text(*place.entry(), room));
  const std::string text(view);
  if (place.entry()->encoding() == values::Encoding::embstr) {  // as if it were to be changed
    text.copy(call.db.resize_string(call.key(), place, text.size()), text.size());
    place = call.db.place(call.key());
  }
  if (call.is(1, "GETREG")) return reply_registers(call, place, text);
  if (call.is(1, "DECODE")) {
    if (values::is_dense(text)) return fail("HLL encoding is not sparse");
    TRY(const std::string runs, values::describe_runs(text));
    call.reply.bulk(runs);
  } else if (call.is(1, "ENCODING")) {
    call.reply.simple(values::is_dense(text) ? "dense" : "sparse");
  } else if (call.is(1, "TODENSE")) {
    TRY(const bool was_sparse, change_to_dense(call, place, text));
    call.reply.integer(was_sparse ? 1 : 0);
  } else {
    return fail("Unknown PFDEBUG subcommand '" + std::string(call.arg(1)) + "'");
  }
  return {};
}

Result<> pfselftest(Call& call) {
  TRY_DO(test_registers(call.rng()));
  TRY_DO(test_estimates(call.rng(), call.db.context().limits.hll_sparse_bytes));
  call.reply.ok();
  return {};
}

}  // namespace banyan::strings
