#pragma once

#include <mutex>

#include <buntdb/error.hpp>

#include "thread/writer_lock.hpp"

namespace buntdb::engine {

/// Holds the writer's lock while it lives, unless it hands the lock over to a transaction, which
/// then holds it until it ends.
class BUNTDB_SCOPED_CAPABILITY writer_guard {
 public:
  struct after_others {};

  /// Waits for the lock. Throws errc::nested_transaction with this text if the calling thread holds
  /// it.
  writer_guard(writer_lock& lock, const char* refusal) BUNTDB_ACQUIRE(lock) : lock_(&lock) {
    if (!lock.acquire()) throw error(errc::nested_transaction, refusal);
  }
  /// For a thread that acquires the lock repeatedly: see writer_lock::acquire_after_others().
  writer_guard(writer_lock& lock, after_others, const char* refusal) BUNTDB_ACQUIRE(lock)
      : lock_(&lock) {
    if (!lock.acquire_after_others()) throw error(errc::nested_transaction, refusal);
  }
  /// Takes over a lock that the caller has acquired.
  writer_guard(writer_lock& lock, std::adopt_lock_t) noexcept BUNTDB_REQUIRES(lock)
      : lock_(&lock) {}
  writer_guard(const writer_guard&) = delete;
  writer_guard& operator=(const writer_guard&) = delete;
  ~writer_guard() BUNTDB_RELEASE() {
    if (lock_ != nullptr) lock_->release();
  }

  /// The lock stays held until writer_lock::release(). For clang's analysis, it ends with this
  /// guard.
  void hand_over() noexcept { lock_ = nullptr; }

 private:
  writer_lock* lock_;
};

}  // namespace buntdb::engine
