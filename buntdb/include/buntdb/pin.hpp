#pragma once

#include <memory>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {

struct reader_slot;

struct BUNTSTORE_PUBLIC release_slot {
  void operator()(reader_slot* slot) const noexcept;
};

/// What a snapshot and a held_item hold: the slot in which a reader says which version it reads, so
/// that nothing of it is freed. For the library's own use.
using pin = std::unique_ptr<reader_slot, release_slot>;

}  // namespace engine

}  // namespace buntdb
