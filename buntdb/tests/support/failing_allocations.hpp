#pragma once

#include <cstdint>
#include <new>
#include <utility>

#include <buntdb/error.hpp>

/// Replaces the global operator new of the program that links it (buntdb_failing_allocations), so
/// that one allocation fails.
namespace buntdb::testing {

/// This many allocations of this thread succeed from now on, then one fails. Negative: all succeed.
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

/// Calls the function with every number of allocations that is too small for it. Returns how many
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
      // Also from the simulated disk, when memory runs out there.
      failed = true;
    }
    const bool all_used = allocations_left < 0;
    allocations_left = -1;
    if (!failed && !all_used) return enough;
  }
}

}  // namespace buntdb::testing
