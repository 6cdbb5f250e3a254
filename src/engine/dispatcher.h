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

#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "commands/call.h"
#include "commands/keys.h"
#include "engine/client_state.h"
#include "engine/effect_block.h"
#include "engine/host.h"
#include "engine/shared.h"
#include "engine/stats.h"
#include "resp/request_parser.h"
#include "values/collection.h"

namespace banyan::engine {

// How a client's waiting for keys ends without one.
enum class WaitEnd : std::uint8_t {
  timeout,
  error,    // CLIENT UNBLOCK ... ERROR
  demoted,  // this node has become a replica; the client is disconnected
};

class Dispatcher final : public commands::EffectLog, private commands::ChangeObserver {
 public:
  Dispatcher(Shared& shared, Host& host, unsigned worker, std::uint64_t seed);

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
  // In a transaction that is one part of EXEC's reply: returns its number (from 1), to be given to
  // fill_part(), and 0 else.
  std::size_t hold();
  // True when that was the last part: the whole reply is then in `output`.
  static bool fill_part(ClientState& state, std::size_t part, std::string text,
                        resp::Output& output);

  // --- Transactions (exec.cc). `call` is EXEC, WATCH.
  Result<> exec(commands::Call& call);
  void watch(commands::Call& call);
  void unwatch(ClientState& state);

  // All databases are about to be replaced by these; alone on the node.
  void announce(std::span<const std::shared_ptr<store::TableSet>> content);

  // --- Waiting for keys (waiting.cc).
  // False when the client does not wait, or its reply is on the way already.
  bool end_wait(std::uint64_t client, WaitEnd how);
  // What is to be done behind commands and was not yet: serves clients that wait for keys which
  // have changed, delivers messages.
  void catch_up();
  bool must_catch_up() const { return !ready_.empty() || has_messages_; }

  // --- Publish and subscribe (publishing.cc). publish() returns how many clients are to get it;
  // the others return false when there was nothing to do.
  std::size_t publish(Topic topic, std::string channel, Bytes text);
  bool subscribe(commands::Session& session, Topic topic, Bytes name);
  bool unsubscribe(commands::Session& session, Topic topic, Bytes name);
  const PubSub& pubsub() const { return shared_.pubsub; }

  // Gives up what the client has begun: RESET, or its connection is ending.
  void forget(commands::Session& session);

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
  static constexpr int kFewPartitions = 8;  // whose locks cost less than to be read shared

  // A command and all that it runs with.
  struct Invocation {
    const commands::Found& found;
    std::span<const Bytes> words;
    std::span<const store::Key> keys;
  };
  struct Pending {
    commands::Found found;
    std::uint32_t word;  // first, in words_
    std::uint32_t word_count;
    std::uint32_t key;  // first, in keys_
    std::uint32_t key_count;
    store::LockSet locks;
    std::size_t begin, end;  // in the input
    bool is_plain = false;   // a command, no subcommand, with as many words as it takes
  };

  bool parse_batch(resp::RequestParser& parser, const resp::Limits& limits, Bytes input,
                   const commands::Session& session, Outcome& outcome);
  void prepare(Pending& pending, unsigned database);
  void prepare_with_care(Pending& pending, unsigned database);
  void prefetch_entries(unsigned database);  // prefetch.cc
  void prefetch_members(unsigned database);
  void add_key(Pending& pending, Bytes text, unsigned database);
  void add_many_keys(Pending& pending, std::span<const Bytes> words, unsigned database);
  void run_one(commands::Session& session, const Pending& pending, Bytes input,
               resp::Output& output);
  void run_with_care(commands::Session& session, const Pending& pending, Bytes input,
                     resp::Output& output);
  Result<> admit(const commands::Session& session, const Pending& pending,
                 std::span<const Bytes> words) const;
  Result<> admit_special(const commands::Session& session, const commands::CommandSpec& spec) const;
  Result<> admit_restricted(const commands::Session& session,
                            const commands::CommandSpec& spec) const;
  static Error aborted(const Error& reason);  // what EXEC answers
  void reject(commands::Session& session, const Pending& pending, std::span<const Bytes> words,
              const Error& error, resp::Output& output);
  bool must_wait(const commands::Session& session, const Pending& pending) const;
  void execute(commands::Session& session, const Pending& pending, std::span<const Bytes> words,
               Bytes raw, resp::Output& output);
  // How a command holds its keys while it runs.
  enum class Hold : std::uint8_t { locks, alone, shared };
  Hold hold_keys(const commands::Session& session, const Pending& pending);
  void release_keys(Hold hold, const Pending& pending);
  bool begin_command(const commands::Session& session);
  bool invoke(commands::Session& session, const Invocation& command, resp::Output& output);
  [[gnu::always_inline]] inline bool invoke_hot(commands::Session& session,
                                                const Invocation& command, resp::Output& output);
  void end_special(commands::Session& session, const Pending& pending, std::span<const Bytes> words,
                   Hold hold);
  void count(commands::Session& session, const Invocation& command);
  [[gnu::always_inline]] inline void count_hot(commands::Session& session,
                                               const Invocation& command);
  void append_to_log(unsigned database, std::span<const Bytes> words, Bytes raw,
                     commands::Session& session);
  void count_error(const Error& error);
  void count_error_code(Bytes code);

  struct ExecPlan {
    store::LockSet locks = 0;
    bool alone = false;
    std::vector<store::Key> keys;
    std::vector<std::size_t> key_counts;  // by command
  };
  static bool is_queued(const commands::Session& session, const commands::CommandSpec& spec);
  void queue(ClientState& state, const Pending& pending, std::span<const Bytes> words);
  ExecPlan plan_of(const Transaction& transaction, const WatchList& watches);
  void run_queued(commands::Session& session, const Transaction& transaction, const ExecPlan& plan,
                  resp::Output& output);
  void part_reply(ClientState& state, std::size_t reply_begin, resp::Output::Mark mark,
                  resp::Output& output);

  void serve();
  void deliver();
  void unsubscribe_all(commands::Session& session);
  void tell_subscribers(unsigned database, Bytes key, Bytes event);
  void on_change(unsigned database, Bytes key, commands::EventKind kind, Bytes event) override;
  void on_replace(unsigned database, const store::TableSet* by) override;
  void add_ready(KeyName name);
  void begin_wait(commands::Session& session, const Pending& pending, std::span<const Bytes> words);
  void serve_key(const KeyName& name);
  void serve_waiter(const std::shared_ptr<Waiter>& waiter, const store::Key& key);
  bool suits(const Waiter& waiter, const store::Key& key);
  bool try_again(Waiter& waiter, resp::Output& reply);
  void answer(const std::shared_ptr<Waiter>& waiter, Bytes reply);

  Shared& shared_;
  Host& host_;
  unsigned worker_;
  commands::Context context_;
  WorkerStats stats_;
  bool held_ = false;

  resp::Output* exec_output_ = nullptr;  // of the transaction being run
  std::vector<std::size_t> parts_;       // where in it the parts belong that are held
  EffectBlock block_;

  std::vector<KeyName> ready_;  // keys that somebody waits for and that this worker has changed
  std::unordered_set<std::string> ready_names_;
  bool serving_ = false;
  Subscribers subscribers_;
  bool has_messages_ = false;  // in our inbox, put there by ourselves

  // Scratch of one batch, reused.
  std::vector<Bytes> words_;
  std::vector<store::Key> keys_;
  std::vector<store::Table::Candidate> candidates_;  // for keys_
  std::vector<values::MemberProbe> probes_;
  bool names_members_ = false;  // some command of the batch has members to be fetched ahead
  bool names_many_ = false;     // some command of the batch names many keys
  std::vector<Pending> batch_;
  std::vector<commands::KeyPosition> positions_;
  Ticks last_ticks_ = 0;
};

}  // namespace banyan::engine
