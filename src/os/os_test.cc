#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "os/background.h"
#include "os/kernel_files.h"
#include "os/log_writer.h"
#include "os/process.h"
#include "os/process_title.h"
#include "os/signals.h"

namespace banyan::os {
namespace {

// A directory of its own for each test.
struct FilesTest : testing::Test {
  FilesTest() {
    std::string name = testing::TempDir() + "banyan-XXXXXX";
    directory = ::mkdtemp(name.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(directory); }
  std::string at(const std::string& name) const { return directory + "/" + name; }
  std::string content(const std::string& name) {
    return read_whole_file(files, at(name)).value_or("(cannot be read)");
  }
  void put(const std::string& name, Bytes data) {
    ASSERT_TRUE((*files.create(at(name)))->write_all(data).has_value());
  }

  KernelFiles files;
  std::string directory;
};

TEST_F(FilesTest, what_is_written_can_be_read) {
  put("a", "hello");
  const auto file = *files.open_read(at("a"));
  std::array<char, 3> part;
  EXPECT_EQ(file->read(part.data(), 3).value(), 3u);
  EXPECT_EQ(file->read(part.data(), 3).value(), 2u);
  EXPECT_EQ(file->read(part.data(), 3).value(), 0u);
  EXPECT_EQ(file->size().value(), 5u);
}

TEST_F(FilesTest, create_truncates_and_append_continues) {
  put("a", "long content");
  put("a", "one");
  ASSERT_TRUE((*files.open_append(at("a")))->write_all(" two").has_value());
  EXPECT_EQ(content("a"), "one two");
}

TEST_F(FilesTest, append_makes_a_missing_file_readable_by_others) {
  ASSERT_TRUE(files.open_append(at("a")).has_value());
  struct stat status;
  ASSERT_EQ(::stat(at("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0755, 0644u);
}

TEST_F(FilesTest, a_write_after_truncate_leaves_no_hole) {
  for (const bool appends : {false, true}) {
    const auto file = appends ? *files.open_append(at("b")) : *files.create(at("a"));
    ASSERT_TRUE(file->write_all("0123456789").has_value());
    ASSERT_TRUE(file->truncate(4).has_value());
    ASSERT_TRUE(file->write_all("x").has_value());
    EXPECT_EQ(content(appends ? "b" : "a"), "0123x");
  }
}

TEST_F(FilesTest, seek_moves_where_reads_and_writes_go) {
  const auto file = *files.create(at("a"));
  ASSERT_TRUE(file->write_all("0123456789").has_value());
  ASSERT_TRUE(file->seek(2).has_value());
  ASSERT_TRUE(file->write_all("x").has_value());
  char next = 0;
  ASSERT_EQ(file->read(&next, 1).value(), 1u);
  EXPECT_EQ(next, '3');
  ASSERT_TRUE(file->sync().has_value());
  EXPECT_FALSE(file->seek(UINT64_MAX).has_value());
  EXPECT_FALSE(file->truncate(UINT64_MAX).has_value());
  EXPECT_EQ(content("a"), "01x3456789");
}

TEST_F(FilesTest, errors_name_the_path_and_the_cause) {
  const std::string missing = at("none/file");
  const std::vector<std::string> texts = {
      std::string(files.open_read(missing).error().text()),
      std::string(files.create(missing).error().text()),
      std::string(files.open_append(missing).error().text()),
      std::string(files.rename(missing, at("b")).error().text()),
      std::string(files.remove(missing).error().text()),
      std::string(files.list(missing).error().text()),
      std::string(files.sync_directory(missing).error().text()),
      std::string(files.change_directory(missing).error().text()),
  };
  for (const std::string& text : texts) {
    EXPECT_NE(text.find(missing), std::string::npos) << text;
    EXPECT_NE(text.find("No such file or directory"), std::string::npos) << text;
  }
  EXPECT_EQ(files.open_read(missing).error().code(), Errc::io);
}

TEST_F(FilesTest, reading_a_directory_is_an_error) {
  const auto opened = files.open_read(directory);
  ASSERT_TRUE(opened.has_value());
  char byte;
  EXPECT_FALSE((*opened)->read(&byte, 1).has_value());
}

TEST_F(FilesTest, a_full_disk_is_an_error_that_says_so) {
  const auto full = files.open_append("/dev/full");
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ((*full)->write_all("x").error().text(), "write /dev/full: No space left on device");
}

TEST_F(FilesTest, directories_are_made_listed_in_order_and_synced) {
  ASSERT_TRUE(files.make_directories(at("x/y")).has_value());
  ASSERT_TRUE(files.make_directories(at("x/y")).has_value());
  put("x/b", "");
  put("x/a", "");
  EXPECT_EQ(files.list(at("x")).value(), (std::vector<std::string>{"a", "b", "y"}));
  EXPECT_TRUE(files.sync_directory(at("x")).has_value());
  EXPECT_FALSE(files.make_directories(at("x/a/z")).has_value());
}

TEST_F(FilesTest, rename_replaces_and_remove_removes) {
  put("a", "new");
  put("b", "old");
  ASSERT_TRUE(files.rename(at("a"), at("b")).has_value());
  EXPECT_FALSE(files.exists(at("a")));
  EXPECT_EQ(content("b"), "new");
  ASSERT_TRUE(files.remove(at("b")).has_value());
  EXPECT_FALSE(files.exists(at("b")));
}

TEST_F(FilesTest, the_working_directory_changes) {
  const std::string before = files.working_directory().value();
  ASSERT_TRUE(files.change_directory(directory).has_value());
  EXPECT_TRUE(std::filesystem::equivalent(files.working_directory().value(), directory));
  put("relative", "x");
  EXPECT_TRUE(files.exists("relative"));
  ASSERT_TRUE(files.change_directory(before).has_value());
}

// Readers that open the file again and again see one whole version or the other, never a mix.
TEST_F(FilesTest, replacing_a_whole_file_is_all_or_nothing) {
  const std::string one(100'000, '1'), two(70'000, '2');
  ASSERT_TRUE(write_whole_file(files, at("a"), one).has_value());
  std::atomic<bool> is_done = false;
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(write_whole_file(files, at("a"), i % 2 ? one : two).has_value());
    }
    is_done = true;
  });
  int reads = 0;
  while (!is_done || reads == 0) {
    const std::string seen = content("a");
    EXPECT_TRUE(seen == one || seen == two) << seen.size();
    ++reads;
  }
  writer.join();
  EXPECT_EQ(files.list(directory).value(), std::vector<std::string>{"a"});
}

TEST_F(FilesTest, a_whole_file_that_cannot_be_written_leaves_the_old_one) {
  put("a", "old");
  ASSERT_TRUE(files.make_directories(at("a.tmp")).has_value());  // in the way
  EXPECT_FALSE(write_whole_file(files, at("a"), "new").has_value());
  EXPECT_EQ(content("a"), "old");
}

TEST_F(FilesTest, log_lines_of_many_threads_stay_whole) {
  LogWriter log;
  ASSERT_TRUE(log.set_file(at("log")).has_value());
  std::vector<std::thread> threads;
  for (char c = 'a'; c < 'e'; ++c)
    threads.emplace_back([&log, c] {
      for (int i = 0; i < 500; ++i) log.write(std::string(60, c) + "\n");
    });
  // The file changes under way; what was written before stays where it is.
  ASSERT_TRUE(log.set_file(at("log2")).has_value());
  for (std::thread& thread : threads) thread.join();
  const std::string text = content("log") + content("log2");
  ASSERT_EQ(text.size(), 4u * 500 * 61);
  for (std::size_t i = 0; i < text.size(); i += 61)
    EXPECT_EQ(text.substr(i, 61), std::string(60, text[i]) + "\n");
}

TEST_F(FilesTest, the_log_stays_where_it_was_when_a_file_cannot_be_opened) {
  LogWriter log;
  ASSERT_TRUE(log.set_file(at("log")).has_value());
  EXPECT_FALSE(log.set_file(at("none/log")).has_value());
  log.write("kept\n");
  ASSERT_TRUE(log.set_file(at("log")).has_value());
  log.write("appended\n");
  EXPECT_EQ(content("log"), "kept\nappended\n");
  ASSERT_TRUE(log.set_file("").has_value());
  log.write("");
  EXPECT_EQ(content("log"), "kept\nappended\n");
}

TEST_F(FilesTest, descriptors_do_not_leak_into_programs) {
  const auto file = files.create(at("a"));
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(entry.path(), error);
    if (error || target.string() != std::filesystem::canonical(at("a")).string()) continue;
    EXPECT_NE(::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST(ProcessTest, memory_that_is_used_is_counted) {
  const ProcessStats before = process_stats(thread_id());
  const std::size_t size = 64u << 20;
  const std::string block(size, 'x');
  const ProcessStats after = process_stats(thread_id());
  EXPECT_GE(after.allocated_bytes, before.allocated_bytes + size) << block.size();
  EXPECT_GE(after.resident_bytes, before.resident_bytes + size / 2);
  EXPECT_GT(after.total_memory_bytes, after.resident_bytes);
}

TEST(ProcessTest, processor_time_of_the_main_thread_is_told_apart) {
  const int main_thread = thread_id();
  const auto used = [](const ProcessStats& stats) {
    return stats.main_thread_cpu_user_seconds + stats.main_thread_cpu_system_seconds;
  };
  const double before = used(process_stats(main_thread));
  double mine = before;
  while (mine < before + 0.05) mine = used(process_stats(main_thread));
  const ProcessStats seen_from_elsewhere =
      std::async(std::launch::async, [&] { return process_stats(main_thread); }).get();
  EXPECT_NEAR(used(seen_from_elsewhere), mine, 0.05);
  EXPECT_GE(seen_from_elsewhere.cpu_user_seconds + seen_from_elsewhere.cpu_system_seconds, mine);
}

TEST(ProcessTest, random_bytes_differ_and_fill_everything) {
  std::string one(1000, '\0'), two(1000, '\0');
  fill_random(one);
  fill_random(two);
  EXPECT_NE(one, two);
  EXPECT_NE(one.substr(900), std::string(100, '\0'));
  fill_random(std::span<char>());
}

TEST(ProcessTest, clocks_go_forward) {
  const Instant start = monotonic_now();
  while (monotonic_now() == start) {
  }
  EXPECT_GT(monotonic_now(), start);
  EXPECT_GT(unix_ms_now(), 1'700'000'000'000);
}

TEST(BackgroundTest, tasks_run_in_order_off_the_calling_thread) {
  std::vector<int> order;
  std::thread::id where;
  {
    Background background;
    for (int i = 0; i < 100; ++i)
      background.add([&, i] {
        order.push_back(i);
        where = std::this_thread::get_id();
      });
    background.drain();
    ASSERT_EQ(order.size(), 100u);
    background.add([&] { order.push_back(100); });
  }
  ASSERT_EQ(order.size(), 101u) << "what was given before the end is run";
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(BackgroundTest, what_a_task_holds_is_freed_off_the_calling_thread) {
  struct Probe {
    ~Probe() { *where = std::this_thread::get_id(); }
    std::thread::id* where;
  };
  std::thread::id where;
  Background background;
  background.add([probe = std::unique_ptr<Probe>(new Probe{&where})] {});
  background.drain();
  EXPECT_NE(where, std::thread::id());
  EXPECT_NE(where, std::this_thread::get_id());
}

bool is_blocked(int number) {
  sigset_t mask;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, number) == 1;
}

TEST(SignalsTest, arrived_signals_are_taken_once) {
  SignalWatch watch;
  watch.add(Signal::hang_up);
  watch.add(Signal::user1);
  EXPECT_TRUE(watch.take().empty());
  ::kill(::getpid(), SIGUSR1);
  ::kill(::getpid(), SIGHUP);
  std::vector<Signal> arrived = watch.take();
  std::sort(arrived.begin(), arrived.end());
  EXPECT_EQ(arrived, (std::vector<Signal>{Signal::hang_up, Signal::user1}));
  EXPECT_TRUE(watch.take().empty());
}

TEST(SignalsTest, only_watched_signals_are_blocked_and_only_for_a_while) {
  {
    SignalWatch watch;
    watch.add(Signal::hang_up);
    EXPECT_TRUE(is_blocked(SIGHUP));
    EXPECT_FALSE(is_blocked(SIGTERM));
  }
  EXPECT_FALSE(is_blocked(SIGHUP));
}

TEST(SignalsTest, background_threads_receive_no_signals) {
  bool are_blocked = false;
  Background background;
  background.add([&] { are_blocked = is_blocked(SIGTERM) && is_blocked(SIGUSR1); });
  background.drain();
  EXPECT_TRUE(are_blocked);
  EXPECT_FALSE(is_blocked(SIGTERM));
}

std::string command_line() {
  std::ifstream file("/proc/self/cmdline");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (text.ends_with('\0')) text.pop_back();
  return text;
}

// Shorter than the arguments, as long as they are, and into the environment.
TEST(ProcessTitle, is_shown_in_place_of_the_arguments) {
  ASSERT_EQ(::setenv("BANYAN_TITLE_TEST", "as it was", 1), 0);
  const std::size_t length = command_line().size();
  ProcessTitle title;
  for (const std::size_t size :
       {std::size_t{1}, length - 1, length, length + 1, length + 50, std::size_t{3}}) {
    const std::string text(size, 't');
    title.set(text);
    EXPECT_EQ(command_line(), text);
  }
  EXPECT_STREQ(::getenv("BANYAN_TITLE_TEST"), "as it was");
  EXPECT_NE(::getenv("PATH"), nullptr);
}

TEST(ProcessTitle, is_cut_off_where_there_is_no_room) {
  ProcessTitle title;
  title.set(std::string(1 << 20, 'x'));
  const std::string shown = command_line();
  EXPECT_GT(shown.size(), 10U);
  EXPECT_EQ(shown.find_first_not_of('x'), std::string::npos);
}

TEST(OomScore, can_be_read_and_raised) {
  const Result<int> before = oom_score();
  ASSERT_TRUE(before) << before.error().text();
  ASSERT_TRUE(set_oom_score(std::min(*before + 1, 1000)));
  EXPECT_EQ(oom_score(), std::min(*before + 1, 1000));
  const Result<> refused = set_oom_score(5000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), "write /proc/self/oom_score_adj: Invalid argument");
}

}  // namespace
}  // namespace banyan::os
