#pragma once

#include <mutex>

#include <buntdb/error.hpp>

#include "thread/writer_lock.hpp"

namespace buntdb::engine {

/// Holds the writer's lock while it lives, or until it hands the lock over to a transaction, which
/// keeps it until it ends.
class BUNTDB_SCOPED_CAPABILITY writer_guard {
 public:
  struct after_others {};

  /// Waits. Throws errc::nested_transaction with this text if the calling thread has the lock.
  writer_guard(writer_lock& lock, const char* refusal) BUNTDB_ACQUIRE(lock) : lock_(&lock) {
    if (!lock.acquire()) throw error(errc::nested_transaction, refusal);
  }
  /// The same for a thread that takes the lock repeatedly: see writer_lock::acquire_after_others().
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

  /// The lock stays held, until writer_lock::release(). (For the analysis it ends with the guard.)
  void hand_over() noexcept { lock_ = nullptr; }

 private:
  writer_lock* lock_;
};

}  // namespace buntdb::engine
