#pragma once

namespace buntdb::engine {

/// To be called between two looks at what another thread is about to change. Lets the processor
/// idle for some tens of cycles, so that this thread does not take the cache line away from the
/// other one with each look, nor the core's units from the thread that shares them.
///
/// On ARM64 that is isb, as in Rust's spin_loop() and folly's spin locks. The instruction that is
/// meant for it, yield, does nothing on cores that run one thread at a time, as nearly all do.
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace buntdb::engine
