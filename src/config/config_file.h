// ConfigReader: redis.conf syntax, from files and texts, into Settings.
//
// Vocabulary   A line is empty, a comment (#) or a directive: a name and words. A later directive
//              replaces an earlier one of the same setting; `save` and `user` lines add up.
// Failure      The error's text is complete: what main prints before it exits, in Redis's form,
//              with file and line. After an error the settings are half read: throw them away.
// Limits       Includes nest at most 16 deep, and at most 1000 files are read: a file that includes
//              itself, by whatever name, is an error and not a hang.
// Threads      None.
#pragma once

#include <string>
#include <vector>

#include "base/env.h"
#include "config/setting.h"

namespace banyan::config {

class ConfigReader {
 public:
  // `into` holds the defaults, or what was read before.
  ConfigReader(Files& files, Settings& into, bool sentinel_mode)
      : files_(files), into_(into), sentinel_mode_(sentinel_mode) {}

  Result<> read_file(const std::string& path);
  // `name` is what errors call the text: a path, "the command line".
  Result<> read_text(Bytes text, const std::string& name);
  // Call once, after the last text: what must fit together. Adds warnings for the log.
  Result<> finish(std::vector<std::string>& warnings);

 private:
  struct Place {
    const std::string& name;
    std::size_t line;
    Bytes text;
  };
  static std::unexpected<Error> fail_at(const Place& place, std::string_view reason);
  Result<> read_line(const Place& place);
  Result<> include(const std::string& pattern, const Place& place);
  // These give the reason alone.
  Result<> run(std::vector<std::string>& words, const Place& place);
  Result<> run_setting(const Setting& setting, std::vector<std::string>& words);
  Result<> run_other(const std::string& name, const std::vector<std::string>& words,
                     const Place& place);

  Files& files_;
  Settings& into_;
  const bool sentinel_mode_;
  LoadState state_;
  std::vector<std::string> open_;  // files being read, outermost first
  std::size_t files_read_ = 0;
};

// The defaults a node starts from; Sentinel has its own port and no protected mode.
Settings default_settings(bool sentinel_mode);

// Directives that no longer mean anything and may stand in old files.
bool is_obsolete(Bytes name);

}  // namespace banyan::config
