#include <buntdb/snapshot.hpp>

#include "engine/reader_slots.hpp"

namespace buntdb {

snapshot& snapshot::operator=(snapshot&& other) noexcept {
  if (this != &other) {
    release();
    slot_ = std::exchange(other.slot_, nullptr);
    reader::operator=(std::move(other));
  }
  return *this;
}

void snapshot::release() noexcept {
  if (slot_ != nullptr) engine::reader_slots::release(*std::exchange(slot_, nullptr));
}

}  // namespace buntdb
