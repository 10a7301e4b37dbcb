#pragma once

#include <cstdint>
#include <optional>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store implements, too, if it can say how many sessions it has without reading them:
/// session_manager::count() asks it. It may still take time in proportion to their number, as in
/// PostgreSQL, which counts the entries of an index.
///
/// Thread safety: from any number of threads at once.
class counting_store {
 public:
  virtual ~counting_store() = default;

  /// How many records there are, those with a reserved id left out (is_reserved()). What has
  /// expired may count until the store removes it. Empty if an inner store cannot tell.
  /// Throws what store::find() throws.
  virtual std::optional<std::uint64_t> count() = 0;
};

}  // namespace scs
