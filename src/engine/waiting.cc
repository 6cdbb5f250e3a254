// Clients that wait for keys: how they begin to wait, are served, and give up.
//
// A command that changes a key notes it (on_change) if somebody waits for it. When the command is
// over and its locks are free, the same worker serves those who wait, first come first, before it
// runs anything else: so a client that pushes and then pops finds what a waiting client left over.
#include <algorithm>

#include "engine/dispatcher.h"

namespace banyan::engine {

using commands::Group;
using commands::Session;

namespace {

// A timer further away than this is none.
constexpr std::int64_t kTimerMsMax = std::int64_t{1} << 42;

// What a blocking command waits for follows from its group; other groups have none.
values::Type awaited_type(Group group) {
  if (group == Group::list) return values::Type::list;
  if (group == Group::sorted_set) return values::Type::sorted_set;
  if (group == Group::stream) return values::Type::stream;
  return values::Type::string;
}

std::string error_reply(WaitEnd end) {
  return end == WaitEnd::error ? "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"
                               : "-UNBLOCKED force unblock from blocking operation, instance state "
                                 "changed (master -> "
                                 "replica?)\r\n";
}

}  // namespace

void Dispatcher::on_replace(unsigned database, const store::TableSet* by) {
  KeyInterest::Ready ready;
  shared_.interest.on_replace(database, by, context_.now, ready);
  for (KeyName& name : ready) add_ready(std::move(name));
}

void Dispatcher::announce(std::span<const std::shared_ptr<store::TableSet>> content) {
  for (unsigned database = 0; database < content.size(); ++database)
    on_replace(database, content[database].get());
}

void Dispatcher::add_ready(KeyName name) {
  if (!ready_names_.insert(std::to_string(name.database) + ' ' + name.text).second) return;
  ready_.push_back(std::move(name));
  context_.aftermath = true;
}

// Under the locks of the command's keys.
void Dispatcher::begin_wait(Session& session, const Pending& pending,
                            std::span<const Bytes> words) {
  const commands::WaitRequest request = *std::exchange(context_.wait, std::nullopt);
  const std::vector<Bytes> again(request.options.words.begin(), request.options.words.end());
  if (!again.empty()) words = again;
  auto waiter = std::make_shared<Waiter>(session, pending.found, words);
  positions_.clear();
  (void)commands::find_keys(*pending.found.spec, waiter->words.get(), positions_);
  for (const commands::KeyPosition& position : positions_)
    waiter->keys.push_back(shared_.keyspace.key(waiter->words.get()[position.word]));
  waiter->worker = worker_;
  waiter->locks = pending.locks;
  waiter->awaited_keys = std::min(request.options.keys, waiter->keys.size());
  waiter->also_when_gone = request.options.also_when_gone;
  waiter->type = awaited_type(pending.found.spec->group);
  waiter->silent = session.reply_mode != commands::ReplyMode::on;
  shared_.interest.add(waiter);
  const std::int64_t wait_ms = request.deadline - context_.now;
  if (request.deadline != commands::kWaitForever && wait_ms < kTimerMsMax)
    waiter->timer =
        host_.host_loop().call_after(std::chrono::milliseconds(wait_ms), [this, id = session.id] {
          host_.run_inside([&] { (void)end_wait(id, WaitEnd::timeout); });
        });
  state_of(session).waiter = std::move(waiter);
  held_ = true;
}

bool Dispatcher::end_wait(std::uint64_t client, WaitEnd how) {
  const Host::Client found = host_.find_client(client);
  ClientState* state = found.session == nullptr ? nullptr : find_state(*found.session);
  if (state == nullptr || state->waiter == nullptr) return false;
  const std::shared_ptr<Waiter> waiter = state->waiter;
  shared_.keyspace.lock(waiter->locks);
  const bool waits = waiter->waiting;
  if (waits) shared_.interest.remove(*waiter);
  shared_.keyspace.unlock(waiter->locks);
  if (!waits) return false;
  last_ticks_ = read_ticks();
  count(waiter->session, {.found = waiter->found, .words = waiter->words.get(), .keys = {}});
  if (how == WaitEnd::timeout) {
    resp::Output reply;
    resp::ReplyWriter(reply, waiter->session.protocol).null_array();
    answer(waiter, reply.text());
    return true;
  }
  ++stats_.by_command[waiter->found.id].failed;
  count_error_code("UNBLOCKED");
  if (how == WaitEnd::demoted) found.session->close_after_reply = true;
  answer(waiter, error_reply(how));
  return true;
}

void Dispatcher::serve() {
  if (std::exchange(serving_, true)) return;
  while (!ready_.empty()) {
    const std::vector<KeyName> keys = std::exchange(ready_, {});
    ready_names_.clear();
    for (const KeyName& name : keys) serve_key(name);
  }
  serving_ = false;
}

void Dispatcher::catch_up() {
  serve();
  if (has_messages_) deliver();
  context_.aftermath = false;
  last_ticks_ = read_ticks();
}

// All who wait by now, but for those whose command finds nothing after all: they go on waiting.
void Dispatcher::serve_key(const KeyName& name) {
  const store::Key key = shared_.keyspace.key(name.text);
  const std::uint64_t last = shared_.interest.last_ticket();
  std::uint64_t after = 0;
  while (after < last) {
    shared_.keyspace.lock(store::Keyspace::lock_of(key));
    const auto waiter = shared_.interest.next_waiter(name.database, key, after);
    shared_.keyspace.unlock(store::Keyspace::lock_of(key));
    if (waiter == nullptr) return;
    after = waiter->ticket;
    serve_waiter(waiter, key);
  }
}

void Dispatcher::serve_waiter(const std::shared_ptr<Waiter>& waiter, const store::Key& key) {
  // A client that is going takes nothing with it.
  if (waiter->worker == worker_ && host_.find_client(waiter->session.id).session == nullptr) return;
  resp::Output reply;
  shared_.keyspace.lock(waiter->locks);
  // Between the two locks it may have given up, or been served by another worker.
  const bool served = waiter->waiting && suits(*waiter, key) && try_again(*waiter, reply);
  shared_.keyspace.unlock(waiter->locks);
  if (!served) return;
  if (waiter->worker == worker_) return answer(waiter, reply.text());
  Dispatcher& owner = *shared_.dispatchers[waiter->worker];
  owner.host_.post_inside([&owner, waiter, text = reply.text()] { owner.answer(waiter, text); });
}

bool Dispatcher::suits(const Waiter& waiter, const store::Key& key) {
  if (waiter.also_when_gone) return true;
  const store::Table::Slot slot =
      shared_.keyspace.table(waiter.session.database, key).find(key.text, key.hash);
  return slot && slot.entry()->type() == waiter.type && !slot.entry()->is_expired(context_.now);
}

// Runs the waiter's command. True when it has its reply, false when it goes on waiting.
bool Dispatcher::try_again(Waiter& waiter, resp::Output& reply) {
  const Invocation command{.found = waiter.found, .words = waiter.words.get(), .keys = waiter.keys};
  last_ticks_ = read_ticks();
  const bool may_wait = std::exchange(context_.may_wait, true);
  const bool logged = begin_command(waiter.session);
  Result<> admitted;
  if (shared_.policy.restricted) admitted = admit_restricted(waiter.session, *waiter.found.spec);
  if (admitted) {
    (void)invoke(waiter.session, command, reply);
  } else {
    count_error(admitted.error());
    resp::ReplyWriter(reply, waiter.session.protocol).error(admitted.error());
  }
  context_.may_wait = may_wait;
  // It may have changed something and wait all the same: XREADGROUP makes its consumer.
  stats_.dirty += context_.effects.dirty();
  if (logged) append_to_log(waiter.session.database, command.words, {}, waiter.session);
  if (std::exchange(context_.wait, std::nullopt)) return false;
  shared_.interest.remove(waiter);
  count(waiter.session, command);
  return true;
}

// On the thread of the client's worker.
void Dispatcher::answer(const std::shared_ptr<Waiter>& waiter, Bytes reply) {
  const Host::Client client = host_.find_client(waiter->session.id);
  ClientState* state = client.session == nullptr ? nullptr : find_state(*client.session);
  if (state == nullptr || state->waiter != waiter) return;
  host_.host_loop().cancel(waiter->timer);
  state->waiter.reset();
  client.session->last_write_offset =
      std::max(client.session->last_write_offset, waiter->session.last_write_offset);
  if (!waiter->silent) client.output->append(reply);
  host_.resume_later(waiter->session.id);
}

void Dispatcher::forget(Session& session) {
  ClientState* state = find_state(session);
  if (state == nullptr) return;
  if (state->waiter != nullptr) {
    shared_.keyspace.lock(state->waiter->locks);
    if (state->waiter->waiting) shared_.interest.remove(*state->waiter);
    shared_.keyspace.unlock(state->waiter->locks);
    host_.host_loop().cancel(state->waiter->timer);
  }
  unwatch(*state);
  unsubscribe_all(session);
  session.state.reset();
}

}  // namespace banyan::engine
