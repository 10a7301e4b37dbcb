#pragma once

#include <functional>
#include <string>
#include <system_error>
#include <utility>

#include <buntdb/options.hpp>

namespace buntdb::engine {

/// Tells the user's on_event what happened in the background.
class reporter {
 public:
  explicit reporter(std::function<void(const event&)> sink) : sink_(std::move(sink)) {}

  /// Call it without a lock. What the user's function throws is ignored.
  void report(event::kind what, std::error_code code, const std::string& message) const noexcept {
    if (!sink_) return;
    try {
      sink_({.what = what, .code = code, .message = message});
    } catch (...) {  // documented at options::on_event
    }
  }

 private:
  std::function<void(const event&)> sink_;
};

}  // namespace buntdb::engine
