#pragma once

#include <memory>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {
struct reader_slot;
}  // namespace engine

/// For internal use of the library.
namespace detail {

struct release_slot {
  void operator()(engine::reader_slot* slot) const noexcept;
};

}  // namespace detail

namespace engine BUNTSTORE_PRIVATE {

/// What a snapshot and a held_item own: the slot in which a reader announces the version that it
/// reads, so that nothing of that version is freed.
using pin = std::unique_ptr<reader_slot, detail::release_slot>;

}  // namespace engine

}  // namespace buntdb
