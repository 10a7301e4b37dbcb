#pragma once

#include <atomic>
#include <cstdint>

namespace explore {

enum class action : std::uint8_t {
  start,  ///< of the thread: accesses nothing
  load,
  store,
  update,  ///< a read-modify-write, or a compare-exchange, which may turn out to be a load
  lock,
  unlock,
};

/// What a thread is about to do to an atomic object or a mutex.
struct operation {
  action kind = action::start;
  std::memory_order order = std::memory_order_seq_cst;
  unsigned location = 0;

  friend bool operator==(const operation&, const operation&) = default;
};

/// Returns whether the order of these operations of two threads makes a difference.
inline bool depend(const operation& one, const operation& other) noexcept {
  if (one.kind == action::start || other.kind == action::start) return false;
  if (one.location != other.location) return false;
  return one.kind != action::load || other.kind != action::load;
}

inline bool acquires(std::memory_order order) noexcept {
  return order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

inline bool releases(std::memory_order order) noexcept {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

/// Returns the order with which a failed compare-exchange loads, if only the order of success is
/// given.
inline std::memory_order order_of_failure(std::memory_order success) noexcept {
  if (success == std::memory_order_acq_rel) return std::memory_order_acquire;
  if (success == std::memory_order_release) return std::memory_order_relaxed;
  return success;
}

}  // namespace explore
