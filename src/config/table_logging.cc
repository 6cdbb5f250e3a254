#include "config/specials.h"
#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::logging, Field>;

constexpr ChoiceName kLevels[] = {
    {"debug", int(LogLevel::debug)},     {"verbose", int(LogLevel::verbose)},
    {"notice", int(LogLevel::notice)},   {"warning", int(LogLevel::warning)},
    {"nothing", int(LogLevel::nothing)},
};
constexpr ChoiceName kFacilities[] = {
    {"user", int(SyslogFacility::user)},     {"local0", int(SyslogFacility::local0)},
    {"local1", int(SyslogFacility::local1)}, {"local2", int(SyslogFacility::local2)},
    {"local3", int(SyslogFacility::local3)}, {"local4", int(SyslogFacility::local4)},
    {"local5", int(SyslogFacility::local5)}, {"local6", int(SyslogFacility::local6)},
    {"local7", int(SyslogFacility::local7)},
};

constexpr Setting kTable[] = {
    {.name = "loglevel", .kind = choice<In<&Logging::level>>(kLevels)},
    {.name = "logfile", .kind = text<In<&Logging::file>>(), .flags = Flag::immutable},
    {.name = "syslog-enabled", .kind = boolean<In<&Logging::syslog>>(), .flags = Flag::immutable},
    {.name = "syslog-ident",
     .kind = text<In<&Logging::syslog_identity>>(),
     .flags = Flag::immutable},
    {.name = "syslog-facility",
     .kind = choice<In<&Logging::syslog_facility>>(kFacilities),
     .flags = Flag::immutable},
    {.name = "hide-user-data-from-log", .kind = boolean<In<&Logging::hide_user_data>>()},
    {.name = "slowlog-log-slower-than",
     .kind = integer<In<&Logging::slow_log_threshold_us>>(-1, kInt64Max),
     .extreme = {-1, 10}},
    {.name = "slowlog-max-len",
     .kind = integer<In<&Logging::slow_log_length_max>>(0, kInt64Max),
     .extreme = {0, 3}},
    {.name = "latency-monitor-threshold",
     .kind = integer<In<&Logging::latency_monitor_threshold>>(0, kMillisecondsMax),
     .extreme = {0, 2}},
    {.name = "latency-tracking", .kind = boolean<In<&Logging::latency_tracking>>()},
    {.name = "latency-tracking-info-percentiles",
     .kind = kPercentiles,
     .flags = Flag::several_words},
    {.name = "req-res-logfile",
     .kind = optional_text<In<&Logging::request_log_file>>(),
     .flags = Flag::immutable | Flag::hidden},
};

}  // namespace

std::span<const Setting> logging_settings() { return kTable; }

}  // namespace banyan::config
