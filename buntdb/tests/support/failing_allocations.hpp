#pragma once

#include <cstdint>
#include <new>
#include <utility>

#include <buntdb/error.hpp>

/// Replaces the global operator new of the program that links it (buntdb_failing_allocations), so
/// that one allocation fails.
namespace buntdb::testing {

/// So many allocations of this thread succeed from now on, then one fails; negative: all succeed.
extern thread_local std::int64_t allocations_left;

/// While it lives, this thread's allocations succeed and are not counted.
class allocations_succeed {
 public:
  allocations_succeed() noexcept : left_(std::exchange(allocations_left, -1)) {}
  allocations_succeed(const allocations_succeed&) = delete;
  allocations_succeed& operator=(const allocations_succeed&) = delete;
  ~allocations_succeed() { allocations_left = left_; }

 private:
  std::int64_t left_;
};

/// Calls function with every number of allocations that are not enough for it; returns how many
/// there were.
template <class Function>
int until_it_has_enough(Function function) {
  for (int enough = 0;; ++enough) {
    allocations_left = enough;
    bool failed = false;
    try {
      function();
    } catch (const std::bad_alloc&) {
      failed = true;
    } catch (const error&) {
      // On the simulated disk, for want of memory too.
      failed = true;
    }
    const bool all_used = allocations_left < 0;
    allocations_left = -1;
    if (!failed && !all_used) return enough;
  }
}

}  // namespace buntdb::testing
