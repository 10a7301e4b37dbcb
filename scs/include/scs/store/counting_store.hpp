#pragma once

#include <cstdint>
#include <optional>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// An additional interface for stores that can count their sessions without reading them.
/// session_manager::count() calls it. Counting may still take time in proportion to the number:
/// PostgreSQL counts the entries of an index.
///
/// Thread safety: any number of threads may call it at the same time.
class counting_store {
 public:
  virtual ~counting_store() = default;

  /// Returns the number of records, excluding those with a reserved id (is_reserved()). Expired
  /// records may be counted until the store removes them. Returns an empty optional if an inner
  /// store cannot count. Throws what store::find() throws.
  virtual std::optional<std::uint64_t> count() = 0;
};

}  // namespace scs
