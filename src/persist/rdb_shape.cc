#include "persist/rdb_shape.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/check.h"

namespace banyan::persist {
namespace {

struct TypeFacts {
  std::string_view name;
  std::string_view shape;  // empty: not a type that can be read
};

constexpr TypeFacts kTypes[] = {
    {"string", "s"},
    {"list", "(s)"},
    {"set", "(s)"},
    {"sorted set", "(sd)"},
    {"hash", "(ss)"},
    {"sorted set", "(s8)"},
    {"pre-release module value", ""},
    {"module value", "lm"},
    {"", ""},
    {"hash (zipmap)", "s"},
    {"list (ziplist)", "s"},
    {"set (intset)", "s"},
    {"sorted set (ziplist)", "s"},
    {"hash (ziplist)", "s"},
    {"list (quicklist)", "(s)"},
    {"stream", "(ss)lll(sll(i8l)(s8(i)))"},
    {"hash (listpack)", "s"},
    {"sorted set (listpack)", "s"},
    {"list (quicklist 2)", "(ls)"},
    {"stream 2", "(ss)llllllll(slll(i8l)(s8(i)))"},
    {"set (listpack)", "s"},
    {"stream 3", "(ss)llllllll(slll(i8l)(s88(i)))"},
    {"pre-release hash with expiring fields", "(lss)"},
    {"pre-release hash with expiring fields (listpack)", "s"},
    {"hash with expiring fields", "8(lss)"},
    {"hash with expiring fields (listpack)", "8s"},
};

TypeFacts facts_of(RdbType type) {
  const auto index = std::to_underlying(type);
  return index < std::size(kTypes) ? kTypes[index] : TypeFacts{};
}

// The step behind the ')' that belongs to the '(' at `open`.
std::size_t behind_round(std::string_view steps, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t at = open;; ++at) {
    if (steps[at] == '(') ++depth;
    if (steps[at] == ')' && --depth == 0) return at + 1;
  }
}

}  // namespace

std::string_view type_name(RdbType type) { return facts_of(type).name; }

Result<std::string_view> payload_shape(RdbType type) {
  const TypeFacts facts = facts_of(type);
  if (!facts.shape.empty()) return facts.shape;
  const unsigned number = std::to_underlying(type);
  if (facts.name.empty())
    return fail(Errc::corrupt, fmt::format("unknown value type or opcode {}", number));
  return fail(Errc::corrupt, fmt::format("type {} ({}) is not supported", number, facts.name));
}

Error unsupported(RdbType type) {
  return Error(Errc::corrupt, fmt::format("type {} ({}) not supported yet by this build",
                                          std::to_underlying(type), type_name(type)));
}

void ShapeScanner::start(std::size_t position, std::string_view head, std::string_view tail) {
  steps_ = head;
  tail_ = tail;
  at_ = depth_ = 0;
  position_ = position;
  needed_ = 0;
}

Result<std::size_t> ShapeScanner::scan(Bytes bytes, std::uint64_t offset) {
  if (bytes.size() < needed_) return fail(Errc::need_more);
  RdbReader reader(bytes, offset);
  reader.seek(position_);
  while (at_ < steps_.size() || !tail_.empty()) {
    if (at_ == steps_.size()) {
      steps_ = std::exchange(tail_, {});
      at_ = 0;
    }
    if (auto done = step(reader); !done) {
      needed_ = reader.needed();
      return std::unexpected(std::move(done).error());
    }
    position_ = reader.position();
  }
  return position_;
}

// Leaves the scanner as it was when the bytes end inside the step.
Result<> ShapeScanner::step(RdbReader& reader) {
  switch (steps_[at_]) {
    case 's':
      TRY_DO(reader.skip_string());
      break;
    case 'l':
      TRY_DO(reader.length());
      break;
    case 'd':
      TRY_DO(reader.text_double());
      break;
    case '1':
      TRY_DO(reader.raw(1));
      break;
    case '4':
      TRY_DO(reader.raw(4));
      break;
    case '8':
      TRY_DO(reader.raw(8));
      break;
    case 'i':
      TRY_DO(reader.raw(16));
      break;
    case 'm':
      return module_pair(reader);
    case '(':
      return open_round(reader);
    case ')':
      close_round();
      return {};
    default:
      CHECK(false);
  }
  ++at_;
  return {};
}

Result<> ShapeScanner::open_round(RdbReader& reader) {
  TRY(const std::uint64_t count, reader.length());
  if (count == 0) {
    at_ = behind_round(steps_, at_);
    return {};
  }
  CHECK(depth_ < kDepthMax);
  rounds_[depth_++] = {.first_step = ++at_, .left = count};
  return {};
}

void ShapeScanner::close_round() {
  Round& round = rounds_[depth_ - 1];
  if (--round.left > 0) {
    at_ = round.first_step;
  } else {
    --depth_;
    ++at_;
  }
}

Result<> ShapeScanner::module_pair(RdbReader& reader) {
  TRY(const std::uint64_t opcode, reader.length());
  switch (opcode) {
    case kModuleEnd:
      ++at_;
      return {};
    case kModuleSigned:
    case kModuleUnsigned:
      TRY_DO(reader.length());
      return {};
    case kModuleFloat:
      TRY_DO(reader.raw(4));
      return {};
    case kModuleDouble:
      TRY_DO(reader.raw(8));
      return {};
    case kModuleString:
      TRY_DO(reader.skip_string());
      return {};
    default:
      return reader.corrupt(fmt::format("unknown module opcode {}", opcode));
  }
}

}  // namespace banyan::persist
