#include <buntdb/held_item.hpp>

#include "engine/reader_slots.hpp"

namespace buntdb {

held_item& held_item::operator=(held_item&& other) noexcept {
  if (this != &other) {
    release();
    found_item::operator=(other);
    slot_ = std::exchange(other.slot_, nullptr);
  }
  return *this;
}

void held_item::release() noexcept {
  if (slot_ != nullptr) engine::reader_slots::release(*std::exchange(slot_, nullptr));
}

}  // namespace buntdb
