#pragma once

#include <utility>

#include <buntdb/detail/pin.hpp>
#include <buntdb/reader.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// An item that database::find() found. Its value is valid as long as this object lives, whatever
/// writers do. Keeping this object costs as much as keeping a snapshot. It can be moved but not
/// copied, is used by one thread at a time, and must not outlive the database. After a move, the
/// source must not be read.
class held_item : public found_item {
 public:
  /// Takes over the other item.
  held_item(held_item&& other) noexcept = default;
  /// Releases this item and takes over the other one.
  held_item& operator=(held_item&& other) noexcept = default;
  ~held_item() = default;

 private:
  friend class database;

  held_item(const found_item& item, engine::pin pin) noexcept
      : found_item(item), pin_(std::move(pin)) {}

  engine::pin pin_;
};

}  // namespace buntdb
