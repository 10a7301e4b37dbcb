#pragma once

#include <utility>

#include <buntdb/reader.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {
struct reader_slot;
}  // namespace engine

/// What database::find() found: the value lives as long as this does, whatever writers do. Keeping
/// one costs what keeping a snapshot does. Moved, not copied; used by one thread at a time; must
/// not outlive the database. What was moved from must not be read.
class held_item : public found_item {
 public:
  held_item(held_item&& other) noexcept
      : found_item(other), slot_(std::exchange(other.slot_, nullptr)) {}
  held_item& operator=(held_item&& other) noexcept;
  held_item(const held_item&) = delete;
  held_item& operator=(const held_item&) = delete;
  ~held_item() { release(); }

 private:
  friend class database;

  held_item(const found_item& item, engine::reader_slot& slot) noexcept
      : found_item(item), slot_(&slot) {}
  void release() noexcept;

  engine::reader_slot* slot_;
};

}  // namespace buntdb
