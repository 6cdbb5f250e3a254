#include "os/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "base/check.h"
#include "os/descriptor.h"

// Null where the program is not linked with jemalloc, or not with a sanitizer.
extern "C" {
[[gnu::weak]] int mallctl(const char*, void*, std::size_t*, void*, std::size_t);
[[gnu::weak]] void malloc_stats_print(void (*)(void*, const char*), void*, const char*);
[[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();
}

namespace banyan::os {
namespace {

// The beginning of a small file of /proc; empty when it cannot be read.
std::string read_proc(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> text;
  const ssize_t count = file.is_open() ? ::read(file.get(), text.data(), text.size()) : 0;
  return std::string(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
}

std::uint64_t resident_bytes() {
  unsigned long long total_pages = 0, resident_pages = 0;
  if (std::sscanf(read_proc("/proc/self/statm").c_str(), "%llu %llu", &total_pages,
                  &resident_pages) != 2)
    return 0;
  return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t jemalloc_figure(const char* name) {
  std::size_t value = 0, size = sizeof value;
  return mallctl(name, &value, &size, nullptr, 0) == 0 ? value : 0;
}

void add_allocator_figures(ProcessStats& stats) {
  if (mallctl) {
    std::uint64_t epoch = 1;  // writing it makes jemalloc add up its statistics anew
    mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
    stats.allocated_bytes = jemalloc_figure("stats.allocated");
    stats.allocator_active_bytes = jemalloc_figure("stats.active");
    stats.allocator_resident_bytes = jemalloc_figure("stats.resident");
    if (stats.allocated_bytes != 0) return;
  }
  if (__sanitizer_get_current_allocated_bytes) {
    stats.allocated_bytes = __sanitizer_get_current_allocated_bytes();
  } else {
    const struct mallinfo2 info = ::mallinfo2();
    stats.allocated_bytes = info.uordblks + info.hblkhd;
  }
  stats.allocator_active_bytes = stats.allocated_bytes;
  stats.allocator_resident_bytes = stats.resident_bytes;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void add_main_thread_times(int main_thread, ProcessStats& stats) {
  if (main_thread == thread_id()) {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    stats.main_thread_cpu_user_seconds = seconds(usage.ru_utime);
    stats.main_thread_cpu_system_seconds = seconds(usage.ru_stime);
    return;
  }
  const std::string text = read_proc(fmt::format("/proc/self/task/{}/stat", main_thread));
  // The second field is the thread's name, which may hold spaces and brackets.
  const auto name_end = text.rfind(')');
  unsigned long long user_ticks = 0, system_ticks = 0;
  if (name_end == std::string::npos ||
      std::sscanf(text.c_str() + name_end + 1,
                  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user_ticks,
                  &system_ticks) != 2)
    return;
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  stats.main_thread_cpu_user_seconds = static_cast<double>(user_ticks) / ticks_per_second;
  stats.main_thread_cpu_system_seconds = static_cast<double>(system_ticks) / ticks_per_second;
}

}  // namespace

Instant monotonic_now() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return Instant(std::chrono::seconds(time.tv_sec) +
                 std::chrono::microseconds(time.tv_nsec / 1000));
}

UnixMs unix_ms_now() { return unix_us_now() / 1000; }

std::int64_t unix_us_now() {
  timespec time;
  ::clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

int thread_id() { return ::gettid(); }

ProcessStats process_stats(int main_thread) {
  ProcessStats stats;
  stats.resident_bytes = resident_bytes();
  add_allocator_figures(stats);
  stats.total_memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                             static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  stats.cpu_user_seconds = seconds(usage.ru_utime);
  stats.cpu_system_seconds = seconds(usage.ru_stime);
  add_main_thread_times(main_thread, stats);
  return stats;
}

SystemFacts system_facts() {
  SystemFacts facts;
  utsname name{};
  ::uname(&name);
  facts.system = fmt::format("{} {} {}", name.sysname, name.release, name.machine);
  std::array<char, 4096> path;
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length > 0) facts.executable.assign(path.data(), static_cast<std::size_t>(length));
  return facts;
}

std::string allocator_report() {
  std::string report;
  if (malloc_stats_print)
    malloc_stats_print(
        [](void* to, const char* text) { static_cast<std::string*>(to)->append(text); }, &report,
        "");
  return report;
}

void return_free_memory() {
  // 4096 stands for all arenas (MALLCTL_ARENAS_ALL).
  if (mallctl) {
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
  } else {
    ::malloc_trim(0);
  }
}

constexpr const char* kOomScore = "/proc/self/oom_score_adj";

Result<int> oom_score() {
  const Descriptor file(::open(kOomScore, O_RDONLY | O_CLOEXEC));
  std::array<char, 32> text{};
  if (!file.is_open() || ::read(file.get(), text.data(), text.size() - 1) < 0)
    return io_error("read", kOomScore, errno);
  return std::atoi(text.data());
}

Result<> set_oom_score(int score) {
  const Descriptor file(::open(kOomScore, O_WRONLY | O_CLOEXEC));
  const std::string text = fmt::format("{}\n", score);
  if (!file.is_open() || ::write(file.get(), text.data(), text.size()) < 0)
    return io_error("write", kOomScore, errno);
  return {};
}

void fill_random(std::span<char> to) {
  while (!to.empty()) {
    const ssize_t count = ::getrandom(to.data(), to.size(), 0);
    CHECK(count > 0 || errno == EINTR);
    if (count > 0) to = to.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace banyan::os
