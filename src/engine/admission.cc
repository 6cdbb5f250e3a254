// Which commands the dispatcher runs now, holds back, or refuses.
#include <fmt/format.h>

#include "engine/dispatcher.h"

namespace banyan::engine {

using commands::CommandSpec;
using commands::Flag;
using commands::has;
using commands::Session;
using commands::SessionKind;

namespace {

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

bool is_exec(const CommandSpec& spec) { return spec.name == "exec"; }

// EXEC is refused when one of its commands would be.
Flag flags_of(const Session& session, const CommandSpec& spec) {
  const ClientState* state = find_state(session);
  if (state == nullptr || !is_exec(spec)) return spec.flags;
  constexpr Flag kRefused =
      Flag::write | Flag::readonly | Flag::deny_oom | Flag::may_replicate | Flag::no_async_loading;
  constexpr Flag kAllowed = Flag::loading | Flag::stale;
  const Transaction& transaction = state->transaction;
  return (spec.flags & (~kAllowed | transaction.all)) | (transaction.any & kRefused);
}

}  // namespace

// A command that would be refused is not worth waiting for.
bool Dispatcher::must_wait(const Session& session, const Pending& pending) const {
  const PauseKind pause = shared_.policy.pause_in_force();
  const CommandSpec* spec = pending.found.spec;
  if (pause == PauseKind::none || spec == nullptr || session.kind != SessionKind::normal)
    return false;
  const bool is_concerned =
      pause == PauseKind::write
          ? has(flags_of(session, *spec), Flag::write | Flag::may_replicate)
          : !has(spec->flags, Flag::no_auth) && !spec->name.starts_with("client");
  if (!is_concerned) return false;
  const std::span<const Bytes> words(words_.data() + pending.word, pending.word_count);
  return admit(session, pending, words).has_value();
}

Result<> Dispatcher::admit_restricted(const Session& session, const CommandSpec& spec) const {
  const Policy& policy = shared_.policy;
  const Flag flags = flags_of(session, spec);
  const bool writes = has(flags, Flag::write);
  if (policy.loading && !has(flags, Flag::loading)) return fail(Errc::loading);
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
  if (!policy.link_is_up && !policy.serve_stale_data && !has(flags, Flag::stale))
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
  if (session.state != nullptr) [[unlikely]]
    TRY_DO(admit_special(session, *spec));
  if (shared_.policy.restricted) return admit_restricted(session, *spec);
  return {};
}

// Of clients in a transaction, and of subscribers.
Result<> Dispatcher::admit_special(const Session& session, const CommandSpec& spec) const {
  const ClientState& state = *find_state(session);
  if (state.transaction.open && has(spec.flags, Flag::no_multi))
    return fail("Command not allowed inside a transaction");
  if (session.protocol == resp::Protocol::resp2 && state.subscriptions.any() &&
      !spec.name.ends_with("subscribe") && spec.name != "ping" && spec.name != "quit" &&
      spec.name != "reset")
    return fail(
        fmt::format("Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / "
                    "RESET are allowed in this context",
                    spec.name));
  return {};
}

Error Dispatcher::aborted(const Error& reason) {
  return {Errc::custom,
          "EXECABORT Transaction discarded because of: " +
              (reason.code() == Errc::err ? std::string(reason.text()) : reason.reply_line())};
}

void Dispatcher::reject(Session& session, const Pending& pending, std::span<const Bytes> words,
                        const Error& error, resp::Output& output) {
  const CommandSpec* spec = pending.found.spec;
  if (spec != nullptr) ++stats_.by_command[pending.found.id].rejected;
  if (spec == nullptr && is_browser_word(words[0]))
    session.attack_suspected = session.close_asap = true;
  resp::ReplyWriter reply(output, session.protocol);
  ClientState* state = find_state(session);
  if (state != nullptr && state->transaction.open) state->transaction.broken = true;
  if (spec == nullptr || !is_exec(*spec)) {
    count_error(error);
    return reply.error(error);
  }
  if (state != nullptr) {
    state->transaction = {};
    unwatch(*state);
  }
  const Error answer = aborted(error);
  count_error(answer);
  reply.error(answer);
}

void Dispatcher::count_error(const Error& error) {
  const std::string line = error.reply_line();
  count_error_code(Bytes(line).substr(0, line.find(' ')));
}

void Dispatcher::count_error_code(Bytes code) {
  ++stats_.error_replies;
  const auto found = stats_.errors.find(code);
  if (found != stats_.errors.end()) {
    ++found->second;
  } else if (stats_.errors.size() < kErrorCodesMax) {
    stats_.errors.emplace(code, 1);
  }
}

}  // namespace banyan::engine
