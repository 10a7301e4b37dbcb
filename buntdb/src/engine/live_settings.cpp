#include "engine/live_settings.hpp"

#include <utility>

#include <buntdb/error.hpp>

namespace buntdb::engine {

namespace {

constexpr double smallest_growth = 1.1;

void check(const settings& wanted) {
  if (!(wanted.compaction.growth >= smallest_growth)) {  // NaN is refused, too
    throw error(errc::invalid_argument, "compaction.growth must be at least 1.1");
  }
}

}  // namespace

live_settings::live_settings(const settings& initial) : current_(initial), sync_(initial.sync) {
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
}

}  // namespace buntdb::engine
