#include "os/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>
#include <array>
#include <utility>

#include "base/check.h"

namespace banyan::os {
namespace {

constexpr std::array<std::pair<Signal, int>, 4> kSignals = {{{Signal::terminate, SIGTERM},
                                                             {Signal::interrupt, SIGINT},
                                                             {Signal::hang_up, SIGHUP},
                                                             {Signal::user1, SIGUSR1}}};

}  // namespace

void ignore_broken_pipes() { ::signal(SIGPIPE, SIG_IGN); }

SignalWatch::SignalWatch() {
  sigemptyset(&watched_);
  CHECK(::pthread_sigmask(SIG_BLOCK, nullptr, &mask_before_) == 0);
  descriptor_ = Descriptor(::signalfd(-1, &watched_, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK(descriptor_.is_open());
}

SignalWatch::~SignalWatch() { ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr); }

void SignalWatch::add(Signal signal) {
  for (const auto& [ours, number] : kSignals)
    if (ours == signal) sigaddset(&watched_, number);
  CHECK(::pthread_sigmask(SIG_BLOCK, &watched_, nullptr) == 0);
  CHECK(::signalfd(descriptor_.get(), &watched_, 0) >= 0);
}

std::vector<Signal> SignalWatch::take() {
  std::vector<Signal> arrived;
  signalfd_siginfo info;
  while (::read(descriptor_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    for (const auto& [ours, number] : kSignals)
      if (number == static_cast<int>(info.ssi_signo)) arrived.push_back(ours);
  return arrived;
}

SignalBlock::SignalBlock() {
  sigset_t all;
  sigemptyset(&all);
  for (const auto& [ours, number] : kSignals) sigaddset(&all, number);
  CHECK(::pthread_sigmask(SIG_BLOCK, &all, &mask_before_) == 0);
}

SignalBlock::~SignalBlock() { ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr); }

}  // namespace banyan::os
