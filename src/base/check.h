// CHECK: a condition that only a bug of ours can break. Always on: prints the condition and its
// place to stderr, then aborts. Input from outside must never be able to reach one.
//
// DCHECK is CHECK in builds without NDEBUG, for measured hot loops only.
#pragma once

namespace banyan {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace banyan

#define CHECK(condition)                                      \
  do {                                                        \
    if (!(condition)) [[unlikely]]                            \
      ::banyan::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition) \
  do {                    \
  } while (false)
#else
#define DCHECK(condition) CHECK(condition)
#endif
