// Transactions: gathering commands behind MULTI, running them at EXEC, watched keys.
#include <algorithm>

#include "engine/dispatcher.h"

namespace banyan::engine {

using commands::Call;
using commands::CommandSpec;
using commands::Flag;
using commands::has;
using commands::Session;

namespace {

// Commands that name no keys, yet look at the data or at the node: only alone are they in one piece
// with the rest of their transaction.
bool runs_alone(const CommandSpec& spec) {
  if (has(spec.flags, Flag::exclusive | Flag::touches_arbitrary_keys)) return true;
  return spec.keys[0].begin == commands::KeySpec::Begin::none &&
         has(spec.flags, Flag::write | Flag::readonly | Flag::admin);
}

}  // namespace

bool Dispatcher::is_queued(const Session& session, const CommandSpec& spec) {
  if (!find_state(session)->transaction.open) return false;
  constexpr std::string_view kAtOnce[] = {"exec", "discard", "multi", "watch", "quit", "reset"};
  return std::find(std::begin(kAtOnce), std::end(kAtOnce), spec.name) == std::end(kAtOnce);
}

void Dispatcher::queue(ClientState& state, const Pending& pending, std::span<const Bytes> words) {
  Transaction& transaction = state.transaction;
  // EXEC will run none of them: no need to keep more.
  if (transaction.broken || state.watches.dirty.load(std::memory_order_relaxed)) return;
  transaction.commands.push_back({pending.found, OwnedWords(words)});
  transaction.memory_bytes +=
      sizeof(QueuedCommand) + transaction.commands.back().words.memory_bytes();
  transaction.any = transaction.any | pending.found.spec->flags;
  transaction.all = transaction.all & pending.found.spec->flags;
}

Dispatcher::ExecPlan Dispatcher::plan_of(const Transaction& transaction, const WatchList& watches) {
  ExecPlan plan;
  plan.locks = watches.locks();
  plan.key_counts.reserve(transaction.commands.size());
  for (const QueuedCommand& command : transaction.commands) {
    const CommandSpec& spec = *command.found.spec;
    if (runs_alone(spec)) plan.alone = true;
    positions_.clear();
    (void)commands::find_keys(spec, command.words.get(), positions_);
    for (const commands::KeyPosition& position : positions_) {
      plan.keys.push_back(shared_.keyspace.key(command.words.get()[position.word]));
      plan.locks |= store::Keyspace::lock_of(plan.keys.back());
    }
    if (spec.reads_any_key != nullptr && spec.reads_any_key(command.words.get()))
      plan.locks = store::kAllPartitions;
    plan.key_counts.push_back(positions_.size());
  }
  return plan;
}

Result<> Dispatcher::exec(Call& call) {
  ClientState* state = find_state(call.session);
  if (state == nullptr || !state->transaction.open) return fail("EXEC without MULTI");
  if (state->transaction.broken) {
    state->transaction = {};
    unwatch(*state);
    return fail(Errc::custom, "EXECABORT Transaction discarded because of previous errors.");
  }
  const Ticks began = last_ticks_;
  const ExecPlan plan = plan_of(state->transaction, state->watches);
  if (plan.alone) {
    shared_.gate.enter_alone(worker_);
  } else {
    shared_.keyspace.lock(plan.locks);
  }
  // On the way to being alone the node may have become something else.
  Result<> admitted;
  if (plan.alone && shared_.policy.restricted) admitted = admit_restricted(call.session, call.spec);
  const Transaction transaction = std::exchange(state->transaction, {});
  const bool dirty = state->watches.dirty.load(std::memory_order_relaxed) ||
                     shared_.interest.has_expired(state->watches, context_.now);
  shared_.interest.unwatch_all(state->watches);
  if (!admitted) {
    admitted = std::unexpected(aborted(admitted.error()));
  } else if (dirty) {
    call.reply.null_array();
  } else {
    run_queued(call.session, transaction, plan, call.reply.output());
  }
  if (plan.alone) {
    shared_.gate.leave_alone(worker_);
  } else {
    shared_.keyspace.unlock(plan.locks);
  }
  last_ticks_ = began;
  return admitted;
}

void Dispatcher::run_queued(Session& session, const Transaction& transaction, const ExecPlan& plan,
                            resp::Output& output) {
  const resp::Output::Mark mark = output.mark();
  const std::size_t reply_begin = output.size();
  resp::ReplyWriter(output, session.protocol).array(transaction.commands.size());
  exec_output_ = &output;
  const bool may_wait = std::exchange(context_.may_wait, false);
  std::size_t key = 0;
  bool logged = false;
  for (std::size_t i = 0; i < transaction.commands.size(); ++i) {
    const QueuedCommand& queued = transaction.commands[i];
    const Invocation command{
        .found = queued.found,
        .words = queued.words.get(),
        .keys = std::span<const store::Key>(plan.keys).subspan(key, plan.key_counts[i])};
    key += plan.key_counts[i];
    const unsigned database = session.database;
    logged = begin_command(session);
    (void)invoke(session, command, output);
    stats_.dirty += context_.effects.dirty();
    if (logged) block_.add(database, context_.effects, command.words);
    count(session, command);
  }
  if (!block_.empty())
    session.last_write_offset = block_.append_to(shared_.log, context_.now).bytes();
  context_.effects.begin(false);  // all is told: EXEC itself has none
  context_.may_wait = may_wait;
  exec_output_ = nullptr;
  if (!parts_.empty()) part_reply(state_of(session), reply_begin, mark, output);
}

// Some commands are answered elsewhere and later: what there is of the reply waits for them.
void Dispatcher::part_reply(ClientState& state, std::size_t reply_begin, resp::Output::Mark mark,
                            resp::Output& output) {
  const std::string reply = output.text().substr(reply_begin);
  output.rollback(mark);
  PartedReply parted{.pieces = {}, .parts = {}, .missing = parts_.size()};
  std::size_t at = 0;
  for (const std::size_t part : parts_) {
    parted.pieces.push_back(reply.substr(at, part - reply_begin - at));
    at = part - reply_begin;
  }
  parted.pieces.push_back(reply.substr(at));
  parted.parts.resize(parts_.size());
  parts_.clear();
  state.parted = std::move(parted);
}

bool Dispatcher::fill_part(ClientState& state, std::size_t part, std::string text,
                           resp::Output& output) {
  PartedReply& parted = state.parted;
  if (part > parted.parts.size() || parted.parts[part - 1]) return false;
  parted.parts[part - 1] = std::move(text);
  if (--parted.missing > 0) return false;
  for (std::size_t i = 0; i < parted.parts.size(); ++i) {
    output.append(parted.pieces[i]);
    output.append(*parted.parts[i]);
  }
  output.append(parted.pieces.back());
  parted = {};
  return true;
}

void Dispatcher::watch(Call& call) {
  WatchList& watches = state_of(call.session).watches;
  if (watches.dirty.load(std::memory_order_relaxed)) return;
  for (const store::Key& key : call.keys)
    shared_.interest.watch(watches, call.db.number(), key, context_.now);
}

void Dispatcher::unwatch(ClientState& state) {
  const store::LockSet locks = state.watches.locks();
  shared_.keyspace.lock(locks);
  shared_.interest.unwatch_all(state.watches);
  shared_.keyspace.unlock(locks);
}

}  // namespace banyan::engine
