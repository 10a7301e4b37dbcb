#pragma once

#include <utility>

#include <buntdb/detail/pin.hpp>

#include "version/item.hpp"
#include "version/reader_slots.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// A version, and what keeps it and all that it has from being freed. Moved, not copied.
struct pinned_version {
  const engine::version* version;
  engine::pin pin;
};

/// An item, and what keeps the version it was found in; two null pointers if there is none.
struct pinned_item {
  const engine::item* item = nullptr;
  engine::pin pin;
};

}  // namespace buntdb::engine
