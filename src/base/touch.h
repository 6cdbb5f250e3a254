// touch(): loads one byte and forgets it.
//
// A prefetch that the processor cannot drop: some do, when the page is in no TLB, as most pages of
// a large data set are. Loads in a short loop overlap like prefetches.
//
// Threads   As for any read.
#pragma once

namespace banyan {

inline void touch(const void* at) { (void)*static_cast<const volatile char*>(at); }

}  // namespace banyan
