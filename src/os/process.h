// What a process knows of itself: memory, processor time, clocks; and the kernel's random numbers.
//
// Threads   Any thread.
// Failure   Where none is returned, what /proc does not tell is 0. Without the kernel's random
// numbers the process
//           ends, since run ids and hash keys that can be guessed are worse.
#pragma once

#include <span>

#include "base/env.h"
#include "base/time.h"

namespace banyan::os {

Instant monotonic_now();
UnixMs unix_ms_now();
std::int64_t unix_us_now();

// Of the calling thread; the number that /proc/self/task shows.
int thread_id();

// `main_thread` is the thread_id() of the thread whose processor time is told apart. Exact when
// that is the calling thread, in steps of 10 ms otherwise.
ProcessStats process_stats(int main_thread);

SystemFacts system_facts();

// What jemalloc says of itself; empty without jemalloc.
std::string allocator_report();
void return_free_memory();

// /proc/self/oom_score_adj.
Result<int> oom_score();
Result<> set_oom_score(int score);

void fill_random(std::span<char> to);

}  // namespace banyan::os
