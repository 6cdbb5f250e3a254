#include "config/process_title.h"

#include <fmt/format.h>

#include <functional>
#include <optional>

namespace banyan::config {

namespace {

using Field = std::function<std::optional<std::string>(Bytes name)>;

// nullopt: no well-formed template, or a field that nobody knows.
std::optional<std::string> fill_in(Bytes text, const Field& field) {
  std::string out;
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find('{'), text.size());
    out += text.substr(0, brace);
    text.remove_prefix(brace);
    if (text.empty()) break;
    if (text.starts_with("{{")) {
      out += '{';
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == Bytes::npos) return std::nullopt;
    const std::optional<std::string> value = field(text.substr(1, end - 1));
    if (!value) return std::nullopt;
    out += *value;
    text.remove_prefix(end + 1);
  }
  const std::size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return out.substr(first, out.find_last_not_of(' ') + 1 - first);
}

std::string listen_address(const Settings& settings) {
  const Network& network = settings.network;
  if (network.port == 0 && settings.tls.port == 0) return "unixsocket:" + network.unix_socket;
  return fmt::format("{}:{}", network.bind.empty() ? "*" : network.bind.front(),
                     network.port != 0 ? network.port : settings.tls.port);
}

std::optional<std::string> field_of(const Settings& settings, const TitleFacts& facts, Bytes name) {
  if (name == "title") return std::string(facts.program);
  if (name == "listen-addr") return listen_address(settings);
  if (name == "server-mode")
    return settings.cluster.enabled ? "[cluster]" : facts.sentinel ? "[sentinel]" : "";
  if (name == "port") return std::to_string(settings.network.port);
  if (name == "tls-port") return std::to_string(settings.tls.port);
  if (name == "unixsocket") return settings.network.unix_socket;
  if (name == "config-file")
    return std::string(facts.config_file.empty() ? "-" : facts.config_file);
  return std::nullopt;
}

}  // namespace

// As Redis does it, before the name of the program is known: {title} alone shows nothing.
Result<> check_title_template(Bytes text) {
  Settings settings;
  settings.network.unix_socket = "/socket";
  const auto filled = fill_in(text, [&](Bytes name) { return field_of(settings, {}, name); });
  if (filled && !filled->empty()) return {};
  return fail("template format is invalid or contains unknown variables");
}

std::string process_title(const Settings& settings, const TitleFacts& facts) {
  return fill_in(settings.process.title_template,
                 [&](Bytes name) { return field_of(settings, facts, name); })
      .value_or("");
}

}  // namespace banyan::config
