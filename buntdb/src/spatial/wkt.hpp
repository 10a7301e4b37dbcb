#pragma once

#include <string_view>

#include "spatial/bounds.hpp"

namespace buntdb::spatial {

/// Adds the coordinates of a geometry in well-known text. Its first letters are ignored, except for
/// the G of GEOMETRYCOLLECTION. Throws std::bad_alloc.
void read_wkt(std::string_view text, bounds& found);

}  // namespace buntdb::spatial
