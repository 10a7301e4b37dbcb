#pragma once

#include <utility>

#include <buntdb/reader.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {
struct reader_slot;
}  // namespace engine

/// The database as it was at one moment, for as long as the snapshot lives; writers go on beside it
/// and neither waits for the other. Keeping one costs at most one old copy of what has changed
/// since. Moved, not copied; used by one thread at a time; must not outlive the database.
class snapshot : public reader {
 public:
  snapshot(snapshot&& other) noexcept
      : reader(std::move(other)), slot_(std::exchange(other.slot_, nullptr)) {}
  snapshot& operator=(snapshot&& other) noexcept;
  ~snapshot() { release(); }

 private:
  friend class database;

  snapshot(const engine::version& version, engine::reader_slot& slot, time_point now) noexcept
      : reader(&version, nullptr, now), slot_(&slot) {}
  void release() noexcept;

  engine::reader_slot* slot_;
};

}  // namespace buntdb
