// Specials: the settings whose values fit no generic kind: how each is read, shown and written.
//
// Threads   None; immutable data and pure functions.
#pragma once

#include "config/setting.h"

namespace banyan::config {
namespace special {

using Lines = std::vector<Line>;

Result<> assign_bind(Settings& settings, Words words, LoadState* state);
std::string bind_text(const Settings& settings);
Lines bind_lines(const Settings& settings, std::string_view name);

Result<> assign_save(Settings& settings, Words words, LoadState* state);
std::string save_text(const Settings& settings);
Lines save_lines(const Settings& settings, std::string_view name);

Result<> assign_replicaof(Settings& settings, Words words, LoadState* state);
std::string replicaof_text(const Settings& settings);
Lines replicaof_lines(const Settings& settings, std::string_view name);

Result<> assign_output_limits(Settings& settings, Words words, LoadState* state);
std::string output_limits_text(const Settings& settings);
Lines output_limits_lines(const Settings& settings, std::string_view name);
void draw_small_output_limits(Settings& settings, Rng& rng);

Result<> assign_oom_scores(Settings& settings, Words words, LoadState* state);
std::string oom_scores_text(const Settings& settings);
Lines oom_scores_lines(const Settings& settings, std::string_view name);

Result<> assign_key_events(Settings& settings, Words words, LoadState* state);
std::string key_events_text(const Settings& settings);
Lines key_events_lines(const Settings& settings, std::string_view name);

Result<> assign_percentiles(Settings& settings, Words words, LoadState* state);
std::string percentiles_text(const Settings& settings);
Lines percentiles_lines(const Settings& settings, std::string_view name);

}  // namespace special

inline constexpr Special kBind{
    .assign = special::assign_bind, .text = special::bind_text, .lines = special::bind_lines};
inline constexpr Special kSave{.assign = special::assign_save,
                               .text = special::save_text,
                               .lines = special::save_lines,
                               .reset = "\"\""};
inline constexpr Special kReplicaOf{.assign = special::assign_replicaof,
                                    .text = special::replicaof_text,
                                    .lines = special::replicaof_lines,
                                    .reset = "no one"};
inline constexpr Special kOutputLimits{.assign = special::assign_output_limits,
                                       .text = special::output_limits_text,
                                       .lines = special::output_limits_lines,
                                       .draw_extreme = special::draw_small_output_limits};
inline constexpr Special kOomScores{.assign = special::assign_oom_scores,
                                    .text = special::oom_scores_text,
                                    .lines = special::oom_scores_lines};
inline constexpr Special kKeyEvents{.assign = special::assign_key_events,
                                    .text = special::key_events_text,
                                    .lines = special::key_events_lines};
inline constexpr Special kPercentiles{.assign = special::assign_percentiles,
                                      .text = special::percentiles_text,
                                      .lines = special::percentiles_lines};

}  // namespace banyan::config
