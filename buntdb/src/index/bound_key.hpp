#pragma once

#include <string>

#include <buntdb/bounds.hpp>

#include "index/definition.hpp"

namespace buntdb::engine {

/// The position of a bound in an index.
struct bound_key {
  std::string sort_key;
  /// Whether every sort key that begins with this one is equal to the bound. Otherwise only this
  /// sort key is.
  bool is_beginning = false;
};

/// Return the position of a bound or a prefix. Throw errc::invalid_argument as documented at bound
/// and bounds::prefix, and what user-supplied functions throw.
bound_key key_of(const index_definition& index, const bound& bound);
bound_key key_of_prefix(const index_definition& index, const first_parts& prefix);

/// Replaces the bytes by the least ones that are greater than everything that begins with them.
/// Returns false if there are none.
bool advance_beyond(std::string& beginning) noexcept;

}  // namespace buntdb::engine
