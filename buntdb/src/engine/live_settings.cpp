#include "engine/live_settings.hpp"

#include <utility>

#include <buntdb/error.hpp>

namespace buntdb::engine {

namespace {

constexpr double smallest_growth = 1.1;

void check(const settings& wanted) {
  if (!(wanted.compaction.growth >= smallest_growth)) {  // also refuses NaN
    throw error(errc::invalid_argument, "compaction.growth must be at least 1.1");
  }
}

}  // namespace

settings initial_settings(const options& options) {
  return {.sync = options.sync,
          .compaction = options.compaction,
          .expiry = options.expiry,
          .max_memory_bytes = options.max_memory_bytes};
}

live_settings::live_settings(const settings& initial)
    : current_(initial), sync_(initial.sync), max_memory_(initial.max_memory_bytes) {
  check(initial);
}

void live_settings::change(const std::function<void(settings&)>& edit) {
  const mutex_lock one_change(change_mutex_);
  settings wanted = get();
  edit(wanted);
  check(wanted);
  const mutex_lock lock(mutex_);
  current_ = std::move(wanted);
  sync_.store(current_.sync, std::memory_order_relaxed);
  max_memory_.store(current_.max_memory_bytes, std::memory_order_relaxed);
}

}  // namespace buntdb::engine
