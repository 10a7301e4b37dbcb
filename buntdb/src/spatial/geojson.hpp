#pragma once

#include <string_view>

#include "spatial/bounds.hpp"

namespace buntdb::spatial {

/// Adds the coordinates of a GeoJSON object: those of its "coordinates", of its "geometry" if it is
/// a Feature, or of all its "features" or "geometries" if it is a collection. If these are nested
/// more than 32 deep, there is no rectangle. Throws std::bad_alloc.
void read_geojson(std::string_view text, bounds& found);

}  // namespace buntdb::spatial
