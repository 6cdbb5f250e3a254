#include "engine/dispatcher.h"

namespace banyan::engine {

using commands::CommandSpec;
using commands::ExpiryMode;
using commands::Flag;
using commands::has;
using commands::ReplyMode;
using commands::Session;
using commands::SessionKind;

Dispatcher::Dispatcher(Shared& shared, Host& host, unsigned worker, std::uint64_t seed)
    : shared_(shared),
      host_(host),
      worker_(worker),
      context_{.keyspace = shared.keyspace, .rng = Rng(seed)},
      stats_(shared.registry.id_count()) {
  context_.effect_log = this;
  context_.observer = this;
  context_.interest = &shared.interest.count();
  batch_.reserve(kBatchMax);
}

Dispatcher::Outcome Dispatcher::run(Session& session, resp::RequestParser& parser,
                                    const resp::Limits& limits, Bytes input, resp::Output& output) {
  Outcome outcome;
  context_.may_wait = session.kind == SessionKind::normal;
  bool more = true;
  while (more && !session.close_after_reply && !session.close_asap) {
    const std::size_t base = outcome.consumed;
    const Bytes rest = input.substr(base);
    // A session's authentication changes the limits: parse with those of the moment.
    resp::Limits now = limits;
    now.authenticated = session.authenticated;
    more = parse_batch(parser, now, rest, session, outcome);
    prefetch_entries(session.database);
    if (names_members_) prefetch_members(session.database);
    last_ticks_ = read_ticks();
    for (const Pending& pending : batch_) {
      if (shared_.policy.restricted && must_wait(session, pending)) {
        outcome.consumed = base + pending.begin;
        outcome.held = outcome.paused = true;
        outcome.protocol_error.clear();
        parser.reset();
        return outcome;
      }
      run_one(session, pending, rest, output);
      if (held_ || session.close_after_reply || session.close_asap) {
        outcome.consumed = base + pending.end;
        outcome.held = std::exchange(held_, false);
        outcome.protocol_error.clear();
        parser.reset();
        return outcome;
      }
    }
  }
  return outcome;
}

// Fills batch_. False when the input is used up (or broken: then outcome says how).
bool Dispatcher::parse_batch(resp::RequestParser& parser, const resp::Limits& limits, Bytes input,
                             const Session& session, Outcome& outcome) {
  words_.clear();
  keys_.clear();
  batch_.clear();
  names_members_ = names_many_ = false;
  std::size_t at = 0;
  const std::size_t base = outcome.consumed;
  while (at < input.size() && batch_.size() < kBatchMax && words_.size() < kBatchWordsMax) {
    const auto first = static_cast<std::uint32_t>(words_.size());
    const auto parsed = parser.parse(input.substr(at), limits, words_);
    if (parsed == resp::RequestParser::Outcome::need_more) return false;
    if (parsed == resp::RequestParser::Outcome::protocol_error) {
      outcome.protocol_error = parser.error();
      return false;
    }
    const std::size_t begin = at;
    at += parser.consumed();
    outcome.consumed = base + at;
    const auto count = static_cast<std::uint32_t>(words_.size()) - first;
    if (count == 0) continue;
    batch_.push_back({.found = {},
                      .word = first,
                      .word_count = count,
                      .key = static_cast<std::uint32_t>(keys_.size()),
                      .key_count = 0,
                      .locks = 0,
                      .begin = begin,
                      .end = at});
    Pending& pending = batch_.back();
    prepare(pending, session.database);
    if (parser.owns_words()) return true;
    if (pending.found.spec != nullptr && has(pending.found.spec->flags, Flag::ends_batch))
      return true;
  }
  return at < input.size();
}

void Dispatcher::add_key(Pending& pending, Bytes text, unsigned database) {
  const store::Key key = shared_.keyspace.key(text);
  shared_.keyspace.prefetch_bucket(database, key);
  pending.locks |= store::Keyspace::lock_of(key);
  ++pending.key_count;
  keys_.push_back(key);
}

// Finds the command and its keys.
void Dispatcher::prepare(Pending& pending, unsigned database) {
  const Bytes* const words = words_.data() + pending.word;
  pending.found = shared_.registry.look_up(words[0]);
  const commands::Found& found = pending.found;
  if (found.only_key == 0 || !found.spec->arity.accepts(pending.word_count)) [[unlikely]]
    return prepare_with_care(pending, database);
  pending.is_plain = true;
  names_members_ |= found.names_members;
  add_key(pending, words[found.only_key], database);
}

void Dispatcher::prepare_with_care(Pending& pending, unsigned database) {
  const std::span<const Bytes> words(words_.data() + pending.word, pending.word_count);
  commands::Found& found = pending.found;
  if (found.spec == nullptr) return;
  const bool has_subcommands = !found.spec->subcommands.empty();
  if (has_subcommands && words.size() > 1) found = shared_.registry.resolve(words);
  if (!found.spec->arity.accepts(words.size())) return;
  pending.is_plain = !has_subcommands;
  names_members_ |= found.names_members;
  positions_.clear();
  (void)commands::find_keys(*found.spec, words, positions_);  // the handler refuses a bad count
  if (positions_.size() > kFewPartitions && shared_.keyspace.is_threaded()) {
    add_many_keys(pending, words, database);
  } else {
    for (const commands::KeyPosition& position : positions_)
      add_key(pending, words[position.word], database);
  }
  if (found.spec->reads_any_key != nullptr && found.spec->reads_any_key(words))
    pending.locks = store::kAllPartitions;
}

void Dispatcher::run_one(Session& session, const Pending& pending, Bytes input,
                         resp::Output& output) {
  const bool is_admitted = pending.is_plain && session.authenticated && session.state == nullptr &&
                           session.reply_mode == ReplyMode::on && !shared_.policy.restricted;
  if (!is_admitted) [[unlikely]]
    return run_with_care(session, pending, input, output);
  execute(session, pending, {words_.data() + pending.word, pending.word_count},
          input.substr(pending.begin, pending.end - pending.begin), output);
}

void Dispatcher::run_with_care(Session& session, const Pending& pending, Bytes input,
                               resp::Output& output) {
  const std::span<const Bytes> words(words_.data() + pending.word, pending.word_count);
  const resp::Output::Mark mark = output.mark();
  if (session.reply_mode == ReplyMode::skip_next) session.reply_mode = ReplyMode::skipping;

  if (Result<> admitted = admit(session, pending, words); !admitted) {
    reject(session, pending, words, admitted.error(), output);
  } else if (session.state != nullptr && is_queued(session, *pending.found.spec)) {
    queue(state_of(session), pending, words);
    resp::ReplyWriter(output, session.protocol).simple("QUEUED");
  } else {
    execute(session, pending, words, input.substr(pending.begin, pending.end - pending.begin),
            output);
  }

  if (session.reply_mode == ReplyMode::on) return;
  if (session.reply_mode == ReplyMode::skip_next) return;  // CLIENT REPLY SKIP itself says nothing
  // What SUBSCRIBE and its like write are messages, not replies.
  if (pending.found.spec == nullptr || !pending.found.spec->name.ends_with("subscribe"))
    output.rollback(mark);
  if (session.reply_mode == ReplyMode::skipping) session.reply_mode = ReplyMode::on;
}

// Runs the handler. False when it answered an error. (Inlined where every command comes by: calls
// there cost a twentieth of a GET.)
bool Dispatcher::invoke_hot(Session& session, const Invocation& command, resp::Output& output) {
  const resp::Output::Mark mark = output.mark();
  resp::ReplyWriter reply(output, session.protocol);
  commands::Call call{.words = command.words,
                      .keys = command.keys,
                      .spec = *command.found.spec,
                      .session = session,
                      .db = commands::Database(context_, session.database),
                      .reply = reply,
                      .registry = shared_.registry,
                      .node = shared_.node,
                      .string_bytes_max = shared_.string_bytes_max};
  const Result<> result = command.found.spec->run(call);
  if (result) [[likely]]
    return true;
  output.rollback(mark);
  resp::ReplyWriter(output, session.protocol).error(result.error());
  ++stats_.by_command[command.found.id].failed;
  count_error(result.error());
  return false;
}

void Dispatcher::count_hot(Session& session, const Invocation& command) {
  session.last_command = command.found.spec->name;
  ++stats_.commands;
  const Ticks now = read_ticks();
  const Ticks took = now - last_ticks_;
  stats_.by_command[command.found.id].count(took, shared_.track_latency);
  last_ticks_ = now;
  if (took >= shared_.slow_ticks.load(std::memory_order_relaxed)) [[unlikely]] {
    if (shared_.slow_commands != nullptr)
      shared_.slow_commands->on_slow(worker_, session, *command.found.spec, command.words, took,
                                     context_.now);
  }
}

bool Dispatcher::invoke(Session& session, const Invocation& command, resp::Output& output) {
  return invoke_hot(session, command, output);
}

void Dispatcher::count(Session& session, const Invocation& command) { count_hot(session, command); }

void Dispatcher::execute(Session& session, const Pending& pending, std::span<const Bytes> words,
                         Bytes raw, resp::Output& output) {
  Hold hold = Hold::locks;
  if (has(pending.found.spec->flags, Flag::exclusive | Flag::shares_keys)) [[unlikely]] {
    hold = hold_keys(session, pending);
  } else {
    shared_.keyspace.lock(pending.locks);
  }
  const bool logged = begin_command(session);
  if (hold == Hold::shared && context_.expiry == ExpiryMode::remove) [[unlikely]]
    context_.expiry = ExpiryMode::hide;
  const unsigned database = session.database;
  const Invocation command{
      .found = pending.found,
      .words = words,
      .keys = std::span<const store::Key>(keys_.data() + pending.key, pending.key_count)};
  (void)invoke_hot(session, command, output);
  if (context_.effects.dirty() != 0 || context_.effects.count() != 0) {
    stats_.dirty += context_.effects.dirty();
    if (logged) append_to_log(database, words, raw, session);
  }
  if (hold != Hold::locks || context_.aftermath) [[unlikely]]
    return end_special(session, pending, words, hold);
  shared_.keyspace.unlock(pending.locks);
  count_hot(session, command);
}

Dispatcher::Hold Dispatcher::hold_keys(const Session& session, const Pending& pending) {
  if (has(pending.found.spec->flags, Flag::exclusive)) {
    shared_.gate.enter_alone(worker_);
    return Hold::alone;
  }
  // What tells of misses wants the locks.
  if (std::popcount(pending.locks) > kFewPartitions && session.kind == SessionKind::normal &&
      !context_.tells_misses && shared_.keyspace.begin_shared(worker_, pending.locks))
    return Hold::shared;
  shared_.keyspace.lock(pending.locks);
  return Hold::locks;
}

void Dispatcher::release_keys(Hold hold, const Pending& pending) {
  switch (hold) {
    case Hold::locks:
      return shared_.keyspace.unlock(pending.locks);
    case Hold::alone:
      return shared_.gate.leave_alone(worker_);
    case Hold::shared:
      DCHECK(context_.effects.dirty() == 0 && context_.effects.count() == 0);
      return shared_.keyspace.end_shared(worker_);
  }
}

// The end of a command that holds its keys in a special way, or whose client waits, or that others
// wait for.
void Dispatcher::end_special(Session& session, const Pending& pending, std::span<const Bytes> words,
                             Hold hold) {
  context_.aftermath = false;
  const bool waits = context_.wait.has_value();
  if (waits) begin_wait(session, pending, words);
  release_keys(hold, pending);
  if (waits) {
    session.last_command = pending.found.spec->name;
    last_ticks_ = read_ticks();
  } else {
    count(session, {.found = pending.found, .words = words, .keys = {}});
  }
  // What a link brings is served when all of its block has been applied.
  if (session.kind != SessionKind::normal) return;
  serve();
  // A client that is to get no reply may yet be to get a message: at the end of the turn, when the
  // reply has been taken back.
  if (has_messages_ && session.reply_mode == ReplyMode::on) deliver();
  context_.aftermath = false;
  last_ticks_ = read_ticks();
}

// Makes the context ready for a command of `session`. True when what it does is to be logged.
bool Dispatcher::begin_command(const Session& session) {
  const Policy& policy = shared_.policy;
  context_.expiry = ExpiryMode::remove;
  // While writes are paused, the data set must not change, expired keys included.
  if (policy.restricted && (policy.is_replica || policy.pause_in_force() != PauseKind::none))
      [[unlikely]]
    context_.expiry = session.kind == SessionKind::primary ? ExpiryMode::ignore : ExpiryMode::hide;
  context_.touch = !session.no_touch;
  const bool logged = shared_.log.active() && !policy.is_replica;
  context_.effects.begin(logged);
  return logged;
}

std::size_t Dispatcher::hold() {
  held_ = true;
  if (exec_output_ == nullptr) return 0;
  parts_.push_back(exec_output_->size());
  return parts_.size();
}

// One entry of the log for all that the command did.
void Dispatcher::append_to_log(unsigned database, std::span<const Bytes> words, Bytes raw,
                               Session& session) {
  const commands::Effects& effects = context_.effects;
  const bool is_verbatim = effects.verbatim() && effects.dirty() != 0 && effects.count() == 0;
  if (is_verbatim && raw.starts_with('*')) {
    const log::EntryInfo info{.database = static_cast<std::uint16_t>(database),
                              .slot = log::kNoSlot,
                              .origin = 0,
                              .time = context_.now};
    session.last_write_offset = shared_.log.append(info, raw).bytes();
    return;
  }
  block_.add(database, effects, words);
  if (!block_.empty())
    session.last_write_offset = block_.append_to(shared_.log, context_.now).bytes();
}

void Dispatcher::log_effects(unsigned database) {
  const commands::Effects& effects = context_.effects;
  stats_.dirty += effects.dirty();
  if (effects.count() == 0) return;
  const log::EntryInfo info{.database = static_cast<std::uint16_t>(database),
                            .slot = log::kNoSlot,
                            .origin = 0,
                            .time = context_.now};
  (void)shared_.log.append(info, effects.encoded());
}

void Dispatcher::log_now(unsigned database) {
  if (exec_output_ != nullptr) {  // the transaction is one entry, and runs alone
    stats_.dirty += context_.effects.dirty();
    block_.add(database, context_.effects, {});
  } else {
    log_effects(database);
  }
  context_.effects.begin(shared_.log.active() && !shared_.policy.is_replica);
}

Result<> Dispatcher::apply(Session& session, std::span<const Bytes> words, resp::Output& scratch) {
  words_.assign(words.begin(), words.end());
  keys_.clear();
  context_.may_wait = false;
  Pending pending{.found = {},
                  .word = 0,
                  .word_count = static_cast<std::uint32_t>(words.size()),
                  .key = 0,
                  .key_count = 0,
                  .locks = 0,
                  .begin = 0,
                  .end = 0};
  prepare(pending, session.database);
  TRY_DO(admit(session, pending, words_));
  last_ticks_ = read_ticks();
  const std::uint64_t failures = stats_.by_command[pending.found.id].failed;
  execute(session, pending, words_, {}, scratch);
  held_ = false;
  if (stats_.by_command[pending.found.id].failed == failures) return {};
  std::string text = scratch.text();
  return fail(Errc::custom, std::string(trim(Bytes(text).substr(text.empty() ? 0 : 1))));
}

}  // namespace banyan::engine
