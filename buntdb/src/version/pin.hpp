#pragma once

#include <utility>

#include <buntdb/detail/pin.hpp>

#include "version/item.hpp"
#include "version/reader_slots.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// A version, and the pin that keeps it and everything in it from being freed. Can be moved but not
/// copied.
struct pinned_version {
  const engine::version* version;
  engine::pin pin;
};

/// An item, and the pin of the version in which it was found. Both pointers are null if there is
/// none.
struct pinned_item {
  const engine::item* item = nullptr;
  engine::pin pin;
};

}  // namespace buntdb::engine
