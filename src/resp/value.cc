#include "resp/value.h"

#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace banyan::resp {
namespace {

std::string quoted(Bytes text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      default:
        if (c >= ' ' && c <= '~')
          out += c;
        else
          out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out + '"';
}

// What an empty aggregate is called, and what follows an element's number.
std::pair<Bytes, char> style(Value::Kind kind) {
  if (kind == Value::Kind::map) return {"(empty map)", '#'};
  if (kind == Value::Kind::set) return {"(empty set)", '~'};
  if (kind == Value::Kind::push) return {"(empty push)", '>'};
  return {"(empty array)", ')'};
}

void print(const Value& value, std::size_t indent, std::string& out);

void print_items(const Value& value, std::size_t indent, std::string& out) {
  const auto [empty, mark] = style(value.kind);
  if (value.items.empty()) out += empty;
  const std::size_t step = value.kind == Value::Kind::map ? 2 : 1;
  const std::size_t width = fmt::formatted_size("{}", value.items.size() / step);
  for (std::size_t i = 0; i < value.items.size(); i += step) {
    if (i != 0) out.append("\n").append(indent, ' ');
    out += fmt::format("{:>{}}{} ", i / step + 1, width, mark);
    print(value.items[i], indent + width + 2, out);
    if (step == 1 || i + 1 == value.items.size()) continue;
    out += " => ";
    print(value.items[i + 1], indent + width + 6, out);
  }
}

void print(const Value& value, std::size_t indent, std::string& out) {
  if (!value.attributes.empty()) {
    out += "(attributes) ";
    print_items(Value::of_items(Value::Kind::map, value.attributes), indent + 13, out);
    out.append("\n").append(indent, ' ');
  }
  switch (value.kind) {
    case Value::Kind::null:
      out += "(nil)";
      return;
    case Value::Kind::null_array:
      out += "(nil array)";
      return;
    case Value::Kind::simple:
      out += "+" + value.text;
      return;
    case Value::Kind::error:
      out += "-" + value.text;
      return;
    case Value::Kind::bulk:
      out += quoted(value.text);
      return;
    case Value::Kind::verbatim:
      out += "=" + value.text.substr(0, 4) + quoted(Bytes(value.text).substr(4));
      return;
    case Value::Kind::big_number:
      out += "(" + value.text;
      return;
    case Value::Kind::integer:
      out += fmt::format(":{}", value.integer);
      return;
    case Value::Kind::boolean:
      out += value.integer != 0 ? "#t" : "#f";
      return;
    case Value::Kind::real:
      out += "," + format_double(value.real);
      return;
    case Value::Kind::array:
    case Value::Kind::map:
    case Value::Kind::set:
    case Value::Kind::push:
      return print_items(value, indent, out);
  }
}

}  // namespace

Value Value::of_text(Kind kind, Bytes text) {
  Value value;
  value.kind = kind;
  value.text = text;
  return value;
}

Value Value::of_integer(std::int64_t integer, Kind kind) {
  Value value;
  value.kind = kind;
  value.integer = integer;
  return value;
}

Value Value::of_items(Kind kind, std::vector<Value> items) {
  Value value;
  value.kind = kind;
  value.items = std::move(items);
  return value;
}

bool Value::is_text() const {
  return kind == Kind::simple || kind == Kind::bulk || kind == Kind::verbatim ||
         kind == Kind::big_number;
}

bool Value::is_aggregate() const {
  return kind == Kind::array || kind == Kind::map || kind == Kind::set || kind == Kind::push;
}

std::string to_text(const Value& value) {
  std::string out;
  print(value, 0, out);
  return out;
}

}  // namespace banyan::resp
