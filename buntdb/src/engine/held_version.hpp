#pragma once

#include <utility>

#include "engine/reader_slots.hpp"
#include "engine/version.hpp"

namespace buntdb::engine {

/// A pinned version, for the engine's own work beside readers and writers. Moved, not copied.
class held_version {
 public:
  held_version(const version& version, reader_slot& slot) noexcept
      : version_(&version), slot_(&slot) {}
  held_version(held_version&& other) noexcept
      : version_(other.version_), slot_(std::exchange(other.slot_, nullptr)) {}
  held_version& operator=(held_version&& other) noexcept {
    release();
    version_ = other.version_;
    slot_ = std::exchange(other.slot_, nullptr);
    return *this;
  }
  ~held_version() { release(); }

  const version& get() const noexcept { return *version_; }

 private:
  void release() noexcept {
    if (slot_ != nullptr) reader_slots::release(*std::exchange(slot_, nullptr));
  }

  const version* version_;
  reader_slot* slot_;
};

}  // namespace buntdb::engine
