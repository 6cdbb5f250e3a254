#include "config/checks.h"
#include "config/process_title.h"
#include "config/specials.h"
#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::process, Field>;

constexpr ChoiceName kSupervised[] = {
    {"upstart", int(Supervised::upstart)},
    {"systemd", int(Supervised::systemd)},
    {"auto", int(Supervised::automatic)},
    {"no", int(Supervised::none)},
};
constexpr ChoiceName kOomScoreAdjust[] = {
    {"no", int(OomScoreAdjust::off)},
    {"yes", int(OomScoreAdjust::relative)},
    {"relative", int(OomScoreAdjust::relative)},
    {"absolute", int(OomScoreAdjust::absolute)},
};
constexpr ChoiceName kShutdown[] = {
    {"default", 0},
    {"save", int(ShutdownOption::save)},
    {"nosave", int(ShutdownOption::nosave)},
    {"now", int(ShutdownOption::now)},
    {"force", int(ShutdownOption::force)},
};

// Settings that Redis 7.2 has not and that cannot be set at run time stay out of `CONFIG GET *`:
// tools set back whatever it lists.
constexpr Flag kUnlisted = Flag::immutable | Flag::hidden;

constexpr Setting kTable[] = {
    {.name = "threads", .kind = integer<In<&Process::threads>>(0, 1024), .flags = kUnlisted},
    {.name = "io-threads",
     .kind = integer<In<&Process::io_threads>>(1, 128),
     .flags = Flag::immutable},
    {.name = "io-threads-do-reads",
     .kind = boolean<In<&Process::io_threads_do_reads>>(),
     .flags = Flag::immutable},
    {.name = "events-per-io-thread",
     .kind = integer<In<&Process::events_per_io_thread>>(0, kIntMax)},
    {.name = "prefetch-batch-max-size", .kind = integer<In<&Process::prefetch_batch_max>>(0, 128)},
    {.name = "daemonize", .kind = boolean<In<&Process::daemonize>>(), .flags = Flag::immutable},
    {.name = "supervised",
     .kind = choice<In<&Process::supervised>>(kSupervised),
     .flags = Flag::immutable},
    {.name = "pidfile", .kind = optional_text<In<&Process::pid_file>>(), .flags = Flag::immutable},
    {.name = "set-proc-title",
     .kind = boolean<In<&Process::set_title>>(),
     .flags = Flag::immutable},
    {.name = "proc-title-template",
     .kind = text<In<&Process::title_template>>(check_title_template),
     .note = "With the fields `{title}`, `{listen-addr}`, `{server-mode}`, `{port}`, `{tls-port}`, "
             "`{unixsocket}` and `{config-file}`; `{{` is a brace"},
    {.name = "always-show-logo",
     .kind = boolean<In<&Process::always_show_logo>>(),
     .flags = Flag::immutable},
    {.name = "locale-collate", .kind = text<In<&Process::locale_collate>>()},
    {.name = "disable-thp",
     .kind = boolean<In<&Process::disable_transparent_huge_pages>>(),
     .flags = Flag::immutable},
    {.name = "jemalloc-bg-thread", .kind = boolean<In<&Process::jemalloc_background_thread>>()},
    {.name = "server_cpulist",
     .aliases = {{{"server-cpulist", true}}},
     .kind = optional_text<In<&Process::server_cpus>>(),
     .flags = Flag::immutable},
    {.name = "bio_cpulist",
     .aliases = {{{"bio-cpulist", true}}},
     .kind = optional_text<In<&Process::bio_cpus>>(),
     .flags = Flag::immutable},
    {.name = "aof_rewrite_cpulist",
     .aliases = {{{"aof-rewrite-cpulist", true}}},
     .kind = optional_text<In<&Process::aof_rewrite_cpus>>(),
     .flags = Flag::immutable},
    {.name = "bgsave_cpulist",
     .aliases = {{{"bgsave-cpulist", true}}},
     .kind = optional_text<In<&Process::bgsave_cpus>>(),
     .flags = Flag::immutable},
    {.name = "oom-score-adj",
     .kind = choice<In<&Process::oom_score_adjust>>(kOomScoreAdjust),
     .note = "`relative`, or `yes`, adds to the score that the process was started with"},
    {.name = "oom-score-adj-values",
     .kind = kOomScores,
     .flags = Flag::several_words,
     .note = "From -2000 to 2000: for a primary, for a replica, and for a child process. There is "
             "no child here, so the third has no effect"},
    {.name = "hz", .kind = integer<In<&Process::hz>>(0, kIntMax), .extreme = {1, 500}},
    {.name = "dynamic-hz", .kind = boolean<In<&Process::dynamic_hz>>()},
    {.name = "shutdown-timeout",
     .kind = integer<In<&Process::shutdown_timeout>>(0, kIntMax),
     .extreme = {0, 2}},
    {.name = "shutdown-on-sigint",
     .kind = choices<In<&Process::shutdown_on_sigint>>(kShutdown, check_shutdown_options),
     .flags = Flag::several_words},
    {.name = "shutdown-on-sigterm",
     .kind = choices<In<&Process::shutdown_on_sigterm>>(kShutdown, check_shutdown_options),
     .flags = Flag::several_words},
    {.name = "crash-log-enabled", .kind = boolean<In<&Process::crash_log>>()},
    {.name = "crash-memcheck-enabled", .kind = boolean<In<&Process::crash_memory_check>>()},
    {.name = "use-exit-on-panic",
     .kind = boolean<In<&Process::exit_on_panic>>(),
     .flags = Flag::hidden},
    {.name = "enable-debug-assert",
     .kind = boolean<In<&Process::debug_assert>>(),
     .flags = kUnlisted},
    {.name = "debug-context", .kind = text<In<&Process::debug_context>>(), .flags = Flag::hidden},
    {.name = "watchdog-period",
     .kind = integer<In<&Process::watchdog_period>>(0, kIntMax),
     .flags = Flag::hidden},
    {.name = "ignore-warnings", .kind = text<In<&Process::ignore_warnings>>()},
    {.name = "availability-zone", .kind = text<In<&Process::availability_zone>>()},
    {.name = "extended-redis-compatibility",
     .kind = boolean<In<&Process::extended_redis_compatibility>>()},
};

}  // namespace

std::span<const Setting> process_settings() { return kTable; }

}  // namespace banyan::config
