#include <ctime>

#include "engine/core.hpp"
#include "engine/key_order.hpp"
#include "engine/tree.hpp"

namespace buntdb::engine {

namespace {

/// How far pin_item() lets the system's coarse clock be behind. It is up to two ticks behind by
/// design (2.5 to 6.5 ms where a tick is 4 ms), more when an interrupt is late.
constexpr std::int64_t coarse_clock_lag_max = 1'000'000'000;

/// The system's real-time clock as it was at its last tick, in nanoseconds since 1970. Unlike the
/// exact one it does not wait for the loads before it, so that reads may overlap.
std::int64_t coarse_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

core::pinned core::pin() {
  check_open();
  reader_slot& slot = slots_.claim(pipeline_->epoch());
  const version& current = pipeline_->current();
  reader_slots::raise(slot, current.number);
  return {current, slot};
}

core::pinned_item core::pin_item(std::string_view key) {
  if (has_system_clock_) {
    const pinned pin = this->pin();
    const engine::item* const item = engine::find<key_order>(pin.version.keys, key);
    // The time is read after the version was pinned: what is alive now was alive then. What may
    // have expired is another matter, for it may have been set anew before it did.
    if (item != nullptr && item->expires > coarse_time() + coarse_clock_lag_max) {
      return {item, &pin.slot};
    }
    reader_slots::release(pin.slot);
    if (item == nullptr) return {};
  }
  // Time is read first: what had expired by then has, whatever is committed meanwhile.
  const time_point time = now();
  const pinned pin = this->pin();
  const engine::item* const item = engine::find<key_order>(pin.version.keys, key);
  if (item != nullptr && !item->expired(time)) return {item, &pin.slot};
  reader_slots::release(pin.slot);
  return {};
}

}  // namespace buntdb::engine
