#pragma once

#include <string>

#include <buntdb/bounds.hpp>

#include "index/definition.hpp"

namespace buntdb::engine {

/// Where a bound stands in an index.
struct bound_key {
  std::string sort_key;
  /// Whether every sort key that begins like this one is equal to the bound; otherwise only this
  /// one is.
  bool is_beginning = false;
};

/// Throw errc::invalid_argument, as bound and bounds::prefix say, and what user-supplied functions
/// throw.
bound_key key_of(const index_definition& index, const bound& bound);
bound_key key_of_prefix(const index_definition& index, const first_parts& prefix);

/// Turns bytes into the least ones that are greater than all that begin with them. False if there
/// are none.
bool advance_beyond(std::string& beginning) noexcept;

}  // namespace buntdb::engine
