#include "engine/live_settings.hpp"

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

void live_settings::change(const settings_change& change) {
  const mutex_lock lock(mutex_);
  settings wanted = current_;
  if (change.sync) wanted.sync = *change.sync;
  if (change.compact_automatically) wanted.compaction.automatic = *change.compact_automatically;
  if (change.compaction_growth) wanted.compaction.growth = *change.compaction_growth;
  if (change.compaction_at_least_bytes) {
    wanted.compaction.at_least_bytes = *change.compaction_at_least_bytes;
  }
  if (change.on_expired) wanted.expiry.on_expired = *change.on_expired;
  if (change.on_expired_sync) wanted.expiry.on_expired_sync = *change.on_expired_sync;
  check(wanted);
  current_ = wanted;
  sync_.store(wanted.sync, std::memory_order_relaxed);
}

}  // namespace buntdb::engine
