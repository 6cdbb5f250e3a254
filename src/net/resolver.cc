#include "net/resolver.h"

#include <pthread.h>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "os/signals.h"

namespace banyan::net {

namespace {

struct Question {
  std::string host;
  std::uint16_t port;
  Loop* loop;
  Resolver::Answer answer;
};

}  // namespace

struct Resolver::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Question> questions;
  bool is_ending = false;
};

Resolver::Resolver() : shared_(std::make_shared<Shared>()) {
  const os::SignalBlock block;
  std::thread([shared = shared_] { run(shared); }).detach();
}

Resolver::~Resolver() {
  std::deque<Question> unanswered;  // outlives the lock: its destructors are not ours to know
  const std::lock_guard lock(shared_->mutex);
  shared_->is_ending = true;
  unanswered.swap(shared_->questions);
  shared_->changed.notify_one();
}

void Resolver::resolve(std::string host, std::uint16_t port, Loop& loop, Answer answer) {
  const std::lock_guard lock(shared_->mutex);
  shared_->questions.push_back({std::move(host), port, &loop, std::move(answer)});
  shared_->changed.notify_one();
}

void Resolver::run(const std::shared_ptr<Shared>& shared) {
  ::pthread_setname_np(::pthread_self(), "resolver");
  std::unique_lock lock(shared->mutex);
  while (true) {
    shared->changed.wait(lock, [&] { return !shared->questions.empty() || shared->is_ending; });
    if (shared->is_ending) return;
    Question question = std::move(shared->questions.front());
    shared->questions.pop_front();
    lock.unlock();
    auto addresses = net::resolve(question.host, question.port, AF_UNSPEC, /*may_ask_dns=*/true);
    lock.lock();
    // Under the lock: the loop is alive as long as the Resolver is.
    if (shared->is_ending) return;
    question.loop->post(
        [answer = std::move(question.answer), addresses = std::move(addresses)]() mutable {
          answer(std::move(addresses));
        });
  }
}

}  // namespace banyan::net
