#include "config/command_line.h"

#include <algorithm>

#include "config/config_file.h"
#include "config/words.h"

namespace banyan::config {
namespace {

bool names_sentinel(Bytes program) {
  const std::size_t slash = program.rfind('/');
  if (slash != Bytes::npos) program.remove_prefix(slash + 1);
  return program.find("-sentinel") != Bytes::npos;
}

// Turns the arguments after the file into lines.
class OptionLines {
 public:
  explicit OptionLines(std::span<const std::string> arguments) : arguments_(arguments) {}

  // An argument that starts with -- is an option's name only when the option before it has got a
  // value; so a value may start with -- too, if it is the first one.
  void add(std::size_t i) {
    const std::string& argument = arguments_[i];
    if (!has_value_ || !argument.starts_with("--")) {
      text_ += in_quotes(argument) + ' ';
      has_value_ = true;
      return;
    }
    if (!text_.empty()) text_ += '\n';
    text_ += argument.substr(2) + ' ';
    const auto words = split_words(argument);
    has_value_ = !words || words->size() != 1;  // "--port 6380" in one argument
    if (!has_value_) add_missing_value(i);
  }

  std::string take() { return std::move(text_); }

 private:
  // `--save` and `--sentinel` may stand without a value before another option, and last.
  void add_missing_value(std::size_t i) {
    const bool is_last = i + 1 == arguments_.size();
    const bool is_save = equals_ignoring_case(arguments_[i], "--save");
    const bool is_sentinel = equals_ignoring_case(arguments_[i], "--sentinel");
    if (!is_save && !is_sentinel) return;
    if (!is_last && !arguments_[i + 1].starts_with("--")) return;
    if (is_save) text_ += "\"\"";
    has_value_ = true;
  }

  std::span<const std::string> arguments_;
  std::string text_;
  bool has_value_ = true;  // the option before this argument has a value, or there is none
};

CommandLine::Mode mode_of(const std::string& argument) {
  if (argument == "-v" || argument == "--version") return CommandLine::Mode::version;
  if (argument == "-h" || argument == "--help") return CommandLine::Mode::help;
  if (argument == "--check-system") return CommandLine::Mode::check_system;
  return CommandLine::Mode::serve;
}

}  // namespace

CommandLine parse_command_line(std::span<const std::string> arguments) {
  CommandLine result;
  if (arguments.empty()) return result;
  result.program = arguments[0];
  result.sentinel =
      names_sentinel(arguments[0]) || std::ranges::find(arguments, "--sentinel") != arguments.end();
  arguments = arguments.subspan(1);
  if (arguments.empty()) return result;
  result.mode = mode_of(arguments[0]);
  if (result.mode != CommandLine::Mode::serve) return result;

  const bool has_file = !arguments[0].starts_with('-');
  if (has_file) {
    result.config_file = arguments[0];
    arguments = arguments.subspan(1);
  }
  OptionLines options(arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_first = i == 0 && !has_file;
    if (arguments[i] == "-" && (is_first || i + 1 == arguments.size())) {
      result.read_stdin = true;
    } else {
      options.add(i);
    }
  }
  result.options = options.take();
  return result;
}

Result<Loaded> load(Files& files, const CommandLine& command_line, ReadStdin read_stdin) {
  Loaded loaded;
  loaded.settings = default_settings(command_line.sentinel);
  loaded.sentinel = command_line.sentinel;
  loaded.program = command_line.program;
  ConfigReader reader(files, loaded.settings, command_line.sentinel);
  if (!command_line.config_file.empty()) {
    TRY(const std::string directory, files.working_directory());
    loaded.config_file = absolute_path(directory, command_line.config_file);
    TRY_DO(reader.read_file(loaded.config_file));
  }
  if (command_line.read_stdin) {
    TRY(const std::string text, read_stdin());
    TRY_DO(reader.read_text(text, "standard input"));
  }
  TRY_DO(reader.read_text(command_line.options, "the command line"));
  TRY_DO(reader.finish(loaded.warnings));
  return loaded;
}

std::string absolute_path(Bytes directory, Bytes path) {
  std::string joined(path.starts_with('/') ? Bytes() : directory);
  joined += '/';
  joined += path;
  std::vector<Bytes> parts;
  for (Bytes rest = joined; !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const Bytes part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string result;
  for (const Bytes part : parts) {
    result += '/';
    result += part;
  }
  return result.empty() ? "/" : result;
}

}  // namespace banyan::config
