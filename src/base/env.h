// Env: everything a node can do to the world outside its memory. `os/` and `net/` implement it with
// the kernel, `sim/` with a virtual world; nothing else calls the kernel.
//
// Vocabulary   A *loop* runs callbacks of one thread, one at a time: timers, socket events, posted
//              tasks. A *stream* is a connected, ordered byte stream (TCP, Unix socket, later TLS).
//              A node has a main loop; workers have a loop each.
// Threads      A Loop and all that was made from it (streams, listeners, timers) belong to the
//              loop's thread. The exceptions are marked "any thread".
// Failure      Every operation that can fail returns Result or IoResult; no exceptions.
//              No call blocks, except those of Files and File (they are disk calls: keep large ones
//              out of a loop with Loop::offload).
// Callbacks    Never run inside the call that asked for them: connect() and write() return before
//              their handler hears anything. An object may destroy its stream inside a callback of
//              that stream; no callback of a stream runs after it was destroyed.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace banyan {

using Task = std::move_only_function<void()>;

// Where to listen or connect. `host` is a numeric IPv4 or IPv6 address or a name ("*" and "" listen
// on every IPv4 address, "::*" on every IPv6 address); with `path` set, a Unix socket.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  std::string path;

  std::string to_string() const;  // "127.0.0.1:6379", "[::1]:6379", "/tmp/s.sock:0" as CLIENT LIST
  bool is_loopback() const;       // 127.0.0.0/8, ::1, Unix sockets
  friend bool operator==(const Address&, const Address&) = default;
};

// The outcome of one non-blocking read or write.
struct IoResult {
  enum class Status : std::uint8_t { ok, would_block, closed, error };
  Status status = Status::ok;
  std::size_t count = 0;  // bytes moved, > 0 when ok
  int error = 0;          // errno when status is error
};

class StreamHandler {
 public:
  // connect() has succeeded; the stream may be written.
  virtual void on_connected() {}
  // There is something to read, or the peer has closed (read() tells). Level-triggered: called
  // again, on a later turn of the loop, as long as unread bytes are left and reading is watched.
  virtual void on_readable() = 0;
  // Room to write again. Only while watch_writable(true).
  virtual void on_writable() {}
  // connect() failed. For a connected stream, errors are found by read() and write().
  virtual void on_connect_failed(const Error&) {}

 protected:
  ~StreamHandler() = default;
};

class Loop;

class Stream {
 public:
  virtual ~Stream() = default;  // closes the socket; unread bytes and unsent ones may be lost

  // Hands the stream to `loop` (its thread is the caller's) and starts watching for reads.
  // For accepted streams, once; connect() has done it for the others.
  virtual void attach(Loop& loop, StreamHandler& handler) = 0;
  virtual void set_handler(StreamHandler& handler) = 0;
  // Stops watching and forgets loop and handler, on the loop's thread; attach() may follow, on
  // another one.
  virtual void detach() = 0;

  virtual IoResult read(char* to, std::size_t room) = 0;
  virtual IoResult write(Bytes data) = 0;
  // At most 64 pieces.
  virtual IoResult write_pieces(std::span<const Bytes> pieces) = 0;

  virtual void watch_readable(bool on) = 0;
  virtual void watch_writable(bool on) = 0;

  virtual Address local() const = 0;
  virtual Address peer() const = 0;
  virtual int descriptor() const = 0;  // what CLIENT LIST shows as fd; -1 where there is none
  virtual void set_keep_alive(std::chrono::seconds interval) = 0;  // 0 = off
  virtual void set_no_delay(bool on) = 0;
  // Before the destructor: make the close send a reset, so that the peer drops what is in flight.
  virtual void reset_on_close() = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;      // stops listening; a Unix socket's file is removed
  virtual Address local() const = 0;  // with the real port where 0 was asked for
};

enum class TimerId : std::uint64_t { none = 0 };

class Loop {
 public:
  virtual ~Loop() = default;

  // Both cached: read once per turn of the loop, so equal within one callback.
  virtual Instant now() const = 0;
  virtual UnixMs unix_ms() const = 0;
  // Not cached: for measuring how long something took. Virtual time in the simulator.
  virtual Instant precise_now() const = 0;

  // Runs `task` once, at or after `when`. Timers of the same instant run in order of creation.
  virtual TimerId call_at(Instant when, Task task) = 0;
  TimerId call_after(Duration delay, Task task) { return call_at(now() + delay, std::move(task)); }
  virtual void cancel(TimerId timer) = 0;  // also fine when it has run, or is `none`

  // Any thread. Tasks from one thread run in the order posted, on a later turn of the loop.
  virtual void post(Task task) = 0;

  // Runs `work` on a background thread of the Env, then `done` on this loop. For slow disk calls
  // and for freeing large memory. Works of one loop run one at a time, in order.
  virtual void offload(Task work, Task done) = 0;

  // Called once a turn, after all events and before waiting. Returns true when it has more to do at
  // once: then the loop polls without waiting. One hook per loop.
  virtual void set_turn_hook(std::move_only_function<bool()> hook) = 0;

  struct ListenOptions {
    int backlog = 511;
    unsigned unix_permissions = 0;  // 0 = the process's umask decides
  };
  using OnAccept = std::move_only_function<void(std::unique_ptr<Stream>)>;
  virtual Result<std::unique_ptr<Listener>> listen(const Address& at, ListenOptions options,
                                                   OnAccept on_accept) = 0;

  // Starts connecting, from `source` when its host is set. Names are resolved in the background.
  // on_connected or on_connect_failed follows, unless the stream is destroyed first.
  virtual std::unique_ptr<Stream> connect(const Address& to, StreamHandler& handler,
                                          const Address& source = {}) = 0;

  // Hangs for so long, doing nothing: for DEBUG SLEEP. Virtual time in the simulator.
  virtual void hang(Duration length) = 0;

  // Any thread; only for loops that Env::start_worker made: the loop ends after this turn.
  virtual void stop() = 0;
};

// An open file. Writes go where the last one ended.
class File {
 public:
  virtual ~File() = default;
  virtual Result<std::size_t> read(char* to, std::size_t room) = 0;  // 0 at the end
  virtual Result<> write_all(Bytes data) = 0;
  virtual Result<> sync() = 0;  // data and size are on disk; after an error nothing may be assumed
  virtual Result<std::uint64_t> size() = 0;
  virtual Result<> truncate(std::uint64_t size) = 0;
  virtual Result<> seek(std::uint64_t position) = 0;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::unique_ptr<File>> open_read(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;  // truncates; 0644
  virtual Result<std::unique_ptr<File>> open_append(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;  // replaces
  virtual Result<> remove(const std::string& path) = 0;
  virtual Result<> make_directories(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;  // sorted names
  virtual Result<> sync_directory(const std::string& path) = 0;
  virtual Result<std::string> working_directory() = 0;
  virtual Result<> change_directory(const std::string& path) = 0;
};

// Whole file in memory; for configuration-sized files.
Result<std::string> read_whole_file(Files& files, const std::string& path);
// Replaces `path` by `data`, all or nothing, also over a power cut: write beside it, sync, rename,
// sync the directory.
Result<> write_whole_file(Files& files, const std::string& path, Bytes data);
std::string directory_of(const std::string& path);  // "." when it names none

struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t allocated_bytes = 0;  // by the allocator, for used_memory
  // Of the allocator: pages with something in them, and pages it has from the kernel.
  std::uint64_t allocator_active_bytes = 0, allocator_resident_bytes = 0;
  std::uint64_t total_memory_bytes = 0;
  double cpu_user_seconds = 0, cpu_system_seconds = 0;
  double main_thread_cpu_user_seconds = 0, main_thread_cpu_system_seconds = 0;
};

// What INFO tells of the surroundings; constant while the process lives.
struct SystemFacts {
  std::string system;      // "Linux 6.1.0 x86_64"
  std::string executable;  // absolute path
};

enum class Signal : std::uint8_t { terminate, interrupt, hang_up, user1 };

class Env {
 public:
  virtual ~Env() = default;

  virtual Loop& main_loop() = 0;
  // A new loop on a thread of its own. The simulator has none: nodes there run with one worker.
  virtual Loop& start_worker(const std::string& name) = 0;
  virtual bool has_threads() const = 0;
  virtual unsigned cpu_count() const = 0;  // that this process may use

  virtual Files& files() = 0;
  virtual UnixMs unix_ms() = 0;  // any thread; not cached
  // The same in microseconds, as finely as the world has them. For TIME.
  virtual std::int64_t unix_us() { return unix_ms() * 1000; }
  virtual void fill_random(std::span<char> to) = 0;  // any thread; unpredictable, except in sim
  virtual void on_signal(Signal signal, Task handler) = 0;  // runs on the main loop
  virtual std::int64_t process_id() const = 0;
  virtual ProcessStats process_stats() = 0;
  virtual SystemFacts system_facts() = 0;
  virtual std::string allocator_report() = 0;  // for people; empty when the allocator has none
  virtual void return_free_memory() = 0;       // asks the allocator to
  // How readily the kernel ends this process, rather than another, when memory runs out: from
  // -1000, never, to 1000. Lower than it was given takes privileges.
  virtual Result<int> oom_score() = 0;
  virtual Result<> set_oom_score(int score) = 0;
  // What `ps` shows in place of the command line. Main thread.
  virtual void set_process_title(const std::string& title) = 0;

  // Any thread. One line of the node's log, already formatted, newline included. Written at once.
  virtual void write_log(Bytes line) = 0;
  // Empty = standard output. Opened for appending.
  virtual Result<> set_log_file(const std::string& path) = 0;

  // Runs the main loop until stop(). Returns the exit code.
  virtual int run() = 0;
  virtual void stop(int exit_code) = 0;
};

std::string random_hex(Env& env, std::size_t digits);  // run ids, replication ids
std::uint64_t random_seed(Env& env);

}  // namespace banyan
