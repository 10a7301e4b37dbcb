#pragma once

#include <exception>
#include <utility>

#include <buntdb/error.hpp>

#include "commit/reporter.hpp"

namespace buntdb::engine {

/// Runs a step of a background thread. An exception must not end the thread. It is reported as an
/// event, once, until the step succeeds again.
class guarded_step {
 public:
  explicit guarded_step(const reporter& events) noexcept : events_(events) {}

  template <class Function>
  void run(Function function) noexcept {
    try {
      function();
      fails_ = false;
    } catch (const error& failure) {
      // A failed sync was reported when it failed, and a closed database is not a failure.
      if (failure.code() == errc::writes_stopped || failure.code() == errc::closed) return;
      report(failure.code(), failure.what());
    } catch (const std::exception& failure) {
      report({}, failure.what());
    } catch (...) {  // user-supplied orderings may throw anything
      report({}, "an ordering threw something that is no std::exception");
    }
  }

 private:
  void report(std::error_code code, const char* text) noexcept {
    if (!std::exchange(fails_, true)) events_.report(event_kind::background_failed, code, text);
  }

  const reporter& events_;
  bool fails_ = false;
};

}  // namespace buntdb::engine
