// Config: the settings of a running node, and what the CONFIG command does with them.
//
// Vocabulary   A *hook* makes a change take effect (listen on the new port, resize the backlog). It
//              may refuse; then everything goes back to what it was.
// Invariants   set() changes all or nothing: no field keeps a value that a hook refused.
// Threads      None. The owner calls set() and edit() while nobody else reads the settings.
// Failure      Errors carry the text of the reply.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/env.h"
#include "config/command_line.h"
#include "config/process_title.h"
#include "config/setting.h"

namespace banyan::config {

using NameAndValue = std::pair<std::string, std::string>;

// Who asks, and when.
struct SetContext {
  bool is_loading = false;
  bool client_is_local = true;
};

class Config {
 public:
  explicit Config(Loaded loaded) : loaded_(std::move(loaded)) {}

  const Settings& settings() const { return loaded_.settings; }
  // For what other commands change: REPLICAOF, ACL SETUSER, Sentinel's own lines. Runs no hook.
  Settings& edit() { return loaded_.settings; }
  const std::string& file() const { return loaded_.config_file; }  // absolute; empty = none
  // What `ps` is to show, with the settings as they are.
  std::string title() const {
    return process_title(settings(), {.program = loaded_.program,
                                      .config_file = loaded_.config_file,
                                      .sentinel = loaded_.sentinel});
  }

  // Gets the new settings and may correct them (an absolute path for a relative one). Called again
  // with the old settings when it, or a hook after it, has failed.
  using Hook = std::move_only_function<Result<>(Settings&)>;
  // `names` are names of settings; none stand for all. A hook runs once for a CONFIG SET that
  // changes any of them; hooks run in the order in which they were added.
  void on_change(const std::vector<std::string_view>& names, Hook hook);

  // CONFIG GET. A name without wildcards is answered as it was written.
  std::vector<NameAndValue> get(std::span<const std::string> patterns) const;

  // CONFIG SET. The settings that really changed, by their first names.
  using Changes = std::vector<std::string_view>;
  Result<Changes> set(std::span<const NameAndValue> pairs, SetContext context = {});

  // CONFIG REWRITE. `write_defaults` is for DEBUG CONFIG-REWRITE-FORCE-ALL.
  Result<> rewrite(Files& files, bool write_defaults = false) const;

  // What could not be put back after a failed set(); for the log.
  std::vector<std::string> take_warnings() { return std::exchange(loaded_.warnings, {}); }

 private:
  struct Change {
    const Setting* setting;
    std::string_view name;  // of the setting, as in the table: the one that was asked for
  };
  Result<std::vector<Change>> check(std::span<const NameAndValue> pairs, SetContext context) const;
  Result<> apply(std::span<const Change> changes, const Settings& old);
  void put_back(const Settings& old, std::size_t hooks_tried, std::span<const Change> changes);

  struct Watch {
    std::vector<const Setting*> settings;
    Hook hook;
  };
  static const Change* first_watched(const Watch& watch, std::span<const Change> changes);

  Loaded loaded_;
  std::vector<Watch> watches_;
};

// Whether the value of this CONFIG SET argument must stay out of logs, MONITOR and SLOWLOG.
bool is_sensitive(Bytes name);

// The lines of CONFIG HELP between the common first and last ones.
std::span<const std::string_view> help();

}  // namespace banyan::config
