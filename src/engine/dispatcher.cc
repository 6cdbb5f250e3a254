#include "engine/dispatcher.h"

#include <fmt/format.h>

#include "resp/request_writer.h"

namespace banyan::engine {

using commands::CommandSpec;
using commands::ExpiryMode;
using commands::Flag;
using commands::has;
using commands::ReplyMode;
using commands::Session;
using commands::SessionKind;

namespace {

constexpr Bytes kMulti = "*1\r\n$5\r\nMULTI\r\n";
constexpr Bytes kExec = "*1\r\n$4\r\nEXEC\r\n";

// A word for an error message: cut, so that an error is no copy of what the client sent.
Bytes excerpt(Bytes word) { return word.substr(0, 128); }

Error unknown_command(std::span<const Bytes> words) {
  std::string arguments;
  for (std::size_t i = 1; i < words.size() && arguments.size() < 128; ++i)
    arguments += fmt::format("'{}' ", excerpt(words[i]).substr(0, 128 - arguments.size()));
  return {Errc::err, fmt::format("unknown command '{}', with args beginning with: {}",
                                 excerpt(words[0]), arguments)};
}

// How an HTTP request begins and goes on, when a web page is made to talk to us.
bool is_browser_word(Bytes word) {
  return equals_ignoring_case(word, "post") || equals_ignoring_case(word, "host:");
}

Error unknown_subcommand(const CommandSpec& container, Bytes word) {
  return {Errc::err, fmt::format("unknown subcommand '{}'. Try {} HELP.", excerpt(word),
                                 upper(container.name))};
}

}  // namespace

Dispatcher::Dispatcher(Shared& shared, unsigned worker, std::uint64_t seed)
    : shared_(shared),
      worker_(worker),
      context_{.keyspace = shared.keyspace, .rng = Rng(seed)},
      stats_(shared.registry.id_count()) {
  context_.effect_log = this;
  batch_.reserve(kBatchMax);
}

Dispatcher::Outcome Dispatcher::run(Session& session, resp::RequestParser& parser,
                                    const resp::Limits& limits, Bytes input, resp::Output& output) {
  Outcome outcome;
  bool more = true;
  while (more && !session.close_after_reply && !session.close_asap) {
    const std::size_t base = outcome.consumed;
    const Bytes rest = input.substr(base);
    // A session's authentication changes the limits: parse with those of the moment.
    resp::Limits now = limits;
    now.authenticated = session.authenticated;
    more = parse_batch(parser, now, rest, session, outcome);
    for (const Pending& pending : batch_)
      for (std::uint32_t k = 0; k < pending.key_count; ++k)
        shared_.keyspace.prefetch_entry(session.database, keys_[pending.key + k]);
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
  const std::span<const Bytes> words(words_.data() + pending.word, pending.word_count);
  commands::Found found = shared_.registry.look_up(words[0]);
  if (found.spec != nullptr && !found.spec->subcommands.empty() && words.size() > 1) [[unlikely]]
    found = shared_.registry.resolve(words);
  pending.found = found;
  if (found.spec == nullptr || !found.spec->arity.accepts(words.size())) return;
  using commands::KeySpec;
  const KeySpec& first = found.spec->keys[0];
  if (first.begin == KeySpec::Begin::none) return;
  if (first.begin == KeySpec::Begin::index && first.find == KeySpec::Find::range &&
      first.last == 0 && found.spec->keys[1].begin == KeySpec::Begin::none) [[likely]]
    return add_key(pending, words[static_cast<std::size_t>(first.index)], database);
  positions_.clear();
  (void)commands::find_keys(*found.spec, words, positions_);  // the handler refuses a bad count
  for (const commands::KeyPosition& position : positions_)
    add_key(pending, words[position.word], database);
  if (found.spec->reads_any_key != nullptr && found.spec->reads_any_key(words))
    pending.locks = store::kAllPartitions;
}

// A command that would be refused is not worth waiting for.
bool Dispatcher::must_wait(const Session& session, const Pending& pending) const {
  const PauseKind pause = shared_.policy.pause_in_force();
  const CommandSpec* spec = pending.found.spec;
  if (pause == PauseKind::none || spec == nullptr || session.kind != SessionKind::normal)
    return false;
  const bool is_concerned =
      pause == PauseKind::write
          ? has(spec->flags, Flag::write | Flag::may_replicate)
          : !has(spec->flags, Flag::no_auth) && !spec->name.starts_with("client");
  if (!is_concerned) return false;
  const std::span<const Bytes> words(words_.data() + pending.word, pending.word_count);
  return admit(session, pending, words).has_value();
}

Result<> Dispatcher::admit_restricted(const Session& session, const CommandSpec& spec) const {
  const Policy& policy = shared_.policy;
  const bool writes = has(spec.flags, Flag::write);
  if (policy.loading && !has(spec.flags, Flag::loading)) return fail(Errc::loading);
  if (policy.save_failed && !policy.is_replica && (writes || spec.name == "ping"))
    return fail(Errc::custom,
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to "
                "persist to disk. Commands that may modify the data set are disabled, because this "
                "instance is configured to report errors during writes if RDB snapshotting fails "
                "(stop-writes-on-bgsave-error option). Please check the Redis logs for details "
                "about the RDB error.");
  if (policy.lacks_good_replicas && !policy.is_replica && writes)
    return fail(Errc::custom, "NOREPLICAS Not enough good replicas to write.");
  if (!policy.is_replica || session.kind == SessionKind::primary) return {};
  if (writes && policy.replica_read_only) return fail(Errc::read_only);
  if (!policy.link_is_up && !policy.serve_stale_data && !has(spec.flags, Flag::stale))
    return fail(Errc::custom,
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
  return {};
}

Result<> Dispatcher::admit(const Session& session, const Pending& pending,
                           std::span<const Bytes> words) const {
  const CommandSpec* spec = pending.found.spec;
  if (spec == nullptr) return std::unexpected(unknown_command(words));
  if (spec->run == nullptr) {
    if (words.size() < 2)
      return fail(fmt::format("wrong number of arguments for '{}' command", spec->name));
    return std::unexpected(unknown_subcommand(*spec, words[1]));
  }
  if (!spec->arity.accepts(words.size()))
    return fail(fmt::format("wrong number of arguments for '{}' command", spec->name));
  if (!session.authenticated && !has(spec->flags, Flag::no_auth)) return fail(Errc::no_auth);
  if (shared_.policy.restricted) return admit_restricted(session, *spec);
  return {};
}

void Dispatcher::run_one(Session& session, const Pending& pending, Bytes input,
                         resp::Output& output) {
  const std::span<const Bytes> words(words_.data() + pending.word, pending.word_count);
  const resp::Output::Mark mark = output.mark();
  const ReplyMode mode = session.reply_mode;
  if (mode == ReplyMode::skip_next) [[unlikely]]
    session.reply_mode = ReplyMode::skipping;

  if (Result<> admitted = admit(session, pending, words); !admitted) [[unlikely]] {
    if (pending.found.spec != nullptr) ++stats_.by_command[pending.found.id].rejected;
    count_error(admitted.error());
    if (pending.found.spec == nullptr && is_browser_word(words[0]))
      session.attack_suspected = session.close_asap = true;
    resp::ReplyWriter(output, session.protocol).error(admitted.error());
  } else {
    execute(session, pending, words, input.substr(pending.begin, pending.end - pending.begin),
            output);
  }

  if (session.reply_mode == ReplyMode::on) [[likely]]
    return;
  if (session.reply_mode == ReplyMode::skip_next) return;  // CLIENT REPLY SKIP itself says nothing
  output.rollback(mark);
  if (session.reply_mode == ReplyMode::skipping) session.reply_mode = ReplyMode::on;
}

void Dispatcher::execute(Session& session, const Pending& pending, std::span<const Bytes> words,
                         Bytes raw, resp::Output& output) {
  const CommandSpec& spec = *pending.found.spec;
  const bool alone = has(spec.flags, Flag::exclusive);
  if (alone) [[unlikely]] {
    shared_.gate.enter_alone(worker_);
  } else {
    shared_.keyspace.lock(pending.locks);
  }
  const Policy& policy = shared_.policy;
  // While writes are paused, the data set must not change, expired keys included.
  context_.expiry = !policy.is_replica && policy.pause_in_force() == PauseKind::none
                        ? ExpiryMode::remove
                    : session.kind == SessionKind::primary ? ExpiryMode::ignore
                                                           : ExpiryMode::hide;
  context_.touch = !session.no_touch;
  const bool logged = shared_.log.active() && !policy.is_replica;
  context_.effects.begin(logged);
  const resp::Output::Mark mark = output.mark();
  const unsigned database = session.database;
  resp::ReplyWriter reply(output, session.protocol);
  commands::Call call{
      .words = words,
      .keys = std::span<const store::Key>(keys_.data() + pending.key, pending.key_count),
      .spec = spec,
      .session = session,
      .db = commands::Database(context_, database),
      .reply = reply,
      .registry = shared_.registry,
      .node = shared_.node,
      .string_bytes_max = shared_.string_bytes_max};
  const Result<> result = spec.run(call);
  CommandStats& counters = stats_.by_command[pending.found.id];
  if (!result) [[unlikely]] {
    output.rollback(mark);
    resp::ReplyWriter(output, session.protocol).error(result.error());
    ++counters.failed;
    count_error(result.error());
  }
  if (context_.effects.dirty() != 0 || context_.effects.count() != 0) {
    stats_.dirty += context_.effects.dirty();
    if (logged) append_to_log(database, words, raw, session);
  }
  if (alone) [[unlikely]] {
    shared_.gate.leave_alone(worker_);
  } else {
    shared_.keyspace.unlock(pending.locks);
  }
  session.last_command = spec.name;
  ++stats_.commands;
  const Ticks now = read_ticks();
  const Ticks took = now - last_ticks_;
  counters.count(took, shared_.track_latency);
  last_ticks_ = now;
  if (took >= shared_.slow_ticks.load(std::memory_order_relaxed)) [[unlikely]] {
    if (shared_.slow_commands != nullptr)
      shared_.slow_commands->on_slow(worker_, session, spec, words, took, context_.now);
  }
}

// One entry of the log for all that the command did.
void Dispatcher::append_to_log(unsigned database, std::span<const Bytes> words, Bytes raw,
                               Session& session) {
  const commands::Effects& effects = context_.effects;
  const bool verbatim = effects.verbatim() && effects.dirty() != 0;
  const unsigned count = effects.count() + (verbatim ? 1 : 0);
  if (count == 0) return;
  const log::EntryInfo info{.database = static_cast<std::uint16_t>(database),
                            .slot = log::kNoSlot,
                            .origin = 0,
                            .time = context_.now};
  if (count == 1 && verbatim && raw.starts_with('*')) {
    session.last_write_offset = shared_.log.append(info, raw).bytes();
    return;
  }
  block_.clear();
  if (count > 1) block_ += kMulti;
  block_ += effects.encoded();
  if (verbatim) resp::append_command(block_, words);
  if (count > 1) block_ += kExec;
  session.last_write_offset = shared_.log.append(info, block_).bytes();
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
  log_effects(database);
  context_.effects.begin(shared_.log.active() && !shared_.policy.is_replica);
}

Result<> Dispatcher::apply(Session& session, std::span<const Bytes> words, resp::Output& scratch) {
  words_.assign(words.begin(), words.end());
  keys_.clear();
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

void Dispatcher::count_error(const Error& error) {
  ++stats_.error_replies;
  const std::string line = error.reply_line();
  const Bytes code = Bytes(line).substr(0, line.find(' '));
  const auto found = stats_.errors.find(code);
  if (found != stats_.errors.end()) {
    ++found->second;
  } else if (stats_.errors.size() < kErrorCodesMax) {
    stats_.errors.emplace(code, 1);
  }
}

}  // namespace banyan::engine
