#pragma once

namespace buntdb::engine {

/// Call it between two reads of a variable that another thread is about to change. It pauses the
/// processor for a few dozen cycles, so that this thread does not take the cache line from the
/// other one with each read, and does not compete with the thread on the same core.
///
/// On ARM64 it is isb, as in Rust's spin_loop() and folly's spin locks. The instruction intended
/// for this, yield, does nothing on cores that run one thread at a time, as nearly all do.
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace buntdb::engine
