// Dispatcher: runs the commands that one worker's clients send: parse a batch, find and prefetch
// its keys, then run the commands in order, each under the locks of its keys, and log what they
// did. (DESIGN R1–R3, R7.)
//
// Vocabulary   A *batch* is what one read brought, at most kBatchMax commands. *Held*: the client
//              must wait (WAIT, CLIENT PAUSE); what it sent behind stays unparsed.
// Threads      One per worker, used by its thread only. The caller is inside the gate when it calls
//              run() and apply(); a command marked `exclusive` steps out of it and back.
// Failure      Errors become replies. A protocol error ends the client.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "commands/call.h"
#include "commands/keys.h"
#include "commands/registry.h"
#include "engine/policy.h"
#include "engine/stats.h"
#include "log/log.h"
#include "resp/request_parser.h"
#include "store/gate.h"

namespace banyan::engine {

// Hears of commands that took long. Called by the worker that ran it, inside the gate, without
// locks.
class SlowCommands {
 public:
  virtual void on_slow(unsigned worker, const commands::Session& session,
                       const commands::CommandSpec& spec, std::span<const Bytes> words, Ticks took,
                       UnixMs now) = 0;

 protected:
  ~SlowCommands() = default;
};

// What all workers of a node share.
struct Shared {
  const commands::Registry& registry;
  store::Keyspace& keyspace;
  store::Gate& gate;
  log::Log& log;
  Policy& policy;
  commands::Node* node = nullptr;
  std::size_t string_bytes_max = 512UL * 1024 * 1024;  // changed under the exclusive gate
  bool track_latency = true;                           // this too
  SlowCommands* slow_commands = nullptr;
  // What takes as long is slow.
  std::atomic<Ticks> slow_ticks = std::numeric_limits<Ticks>::max();
};

class Dispatcher final : public commands::EffectLog {
 public:
  Dispatcher(Shared& shared, unsigned worker, std::uint64_t seed);

  struct Outcome {
    std::size_t consumed = 0;
    bool held = false;           // the session is held; call run() again when it is released
    bool paused = false;         // held before a command, by CLIENT PAUSE
    std::string protocol_error;  // not empty: answer it and close
  };
  // Runs what `input` holds. Replies go to `output`, unless the session says otherwise.
  Outcome run(commands::Session& session, resp::RequestParser& parser, const resp::Limits& limits,
              Bytes input, resp::Output& output);

  // Runs one command that is not a client's: of a link's stream, of a file. `raw` may be empty.
  // Its effects are not logged. The error, if it had one, for the caller to judge.
  Result<> apply(commands::Session& session, std::span<const Bytes> words, resp::Output& scratch);

  // A handler of the present command asks that its client be held after it; the reply comes later.
  void hold() { held_ = true; }
  // Deletes expired keys etc. outside commands: logs `context().effects` as one block.
  void log_effects(unsigned database);
  void log_now(unsigned database) override;

  commands::Context& context() { return context_; }
  WorkerStats& stats() { return stats_; }
  const WorkerStats& stats() const { return stats_; }
  unsigned worker() const { return worker_; }
  void set_time(UnixMs now) { context_.now = now; }

 private:
  static constexpr std::size_t kBatchMax = 64;
  static constexpr std::size_t kBatchWordsMax = 8192;

  struct Pending {
    commands::Found found;
    std::uint32_t word;  // first, in words_
    std::uint32_t word_count;
    std::uint32_t key;  // first, in keys_
    std::uint32_t key_count;
    store::LockSet locks;
    std::size_t begin, end;  // in the input
  };

  bool parse_batch(resp::RequestParser& parser, const resp::Limits& limits, Bytes input,
                   const commands::Session& session, Outcome& outcome);
  void prepare(Pending& pending, unsigned database);
  void prefetch_entries(unsigned database);
  void add_key(Pending& pending, Bytes text, unsigned database);
  void run_one(commands::Session& session, const Pending& pending, Bytes input,
               resp::Output& output);
  Result<> admit(const commands::Session& session, const Pending& pending,
                 std::span<const Bytes> words) const;
  Result<> admit_restricted(const commands::Session& session,
                            const commands::CommandSpec& spec) const;
  bool must_wait(const commands::Session& session, const Pending& pending) const;
  void execute(commands::Session& session, const Pending& pending, std::span<const Bytes> words,
               Bytes raw, resp::Output& output);
  void append_to_log(unsigned database, std::span<const Bytes> words, Bytes raw,
                     commands::Session& session);
  void count_error(const Error& error);

  Shared& shared_;
  unsigned worker_;
  commands::Context context_;
  WorkerStats stats_;
  bool held_ = false;

  // Scratch of one batch, reused.
  std::vector<Bytes> words_;
  std::vector<store::Key> keys_;
  std::vector<store::Table::Candidate> candidates_;  // for keys_
  std::vector<Pending> batch_;
  std::vector<commands::KeyPosition> positions_;
  std::string block_;
  Ticks last_ticks_ = 0;
};

}  // namespace banyan::engine
