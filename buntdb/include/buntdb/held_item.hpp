#pragma once

#include <utility>

#include <buntdb/detail/pin.hpp>
#include <buntdb/reader.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// What database::find() found: the value lives as long as this does, whatever writers do. Keeping
/// one costs what keeping a snapshot does. Moved, not copied; used by one thread at a time; must
/// not outlive the database. What was moved from must not be read.
class held_item : public found_item {
 public:
  held_item(held_item&& other) noexcept = default;
  held_item& operator=(held_item&& other) noexcept = default;
  ~held_item() = default;

 private:
  friend class database;

  held_item(const found_item& item, engine::pin pin) noexcept
      : found_item(item), pin_(std::move(pin)) {}

  engine::pin pin_;
};

}  // namespace buntdb
