#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// A box of 1 to 20 dimensions, including its borders. A point is a box without extent. Sides may
/// be infinite: a side from -inf to +inf places no limit on that dimension. A rect is a value and
/// allocates no memory.
class rect {
 public:
  /// The greatest number of dimensions.
  static constexpr std::size_t max_dimensions = 20;

  /// Makes the box between two corners. If the two coordinates of a dimension are in the wrong
  /// order, they are exchanged. Throws errc::invalid_argument if the corners have different numbers
  /// of coordinates, if that number is not 1 to 20, or if a coordinate is NaN.
  rect(std::span<const double> min, std::span<const double> max);
  /// Makes the box between two corners, as in `rect({1, 2}, {3, 4})`.
  rect(std::initializer_list<double> min, std::initializer_list<double> max)
      : rect(std::span(min.begin(), min.size()), std::span(max.begin(), max.size())) {}

  /// Returns the number of dimensions.
  std::size_t dimensions() const noexcept { return dimensions_; }
  /// Returns the lower limit in dimension i, which must be less than dimensions().
  double min(std::size_t i) const noexcept { return min_[i]; }
  /// Returns the upper limit in dimension i, which must be less than dimensions().
  double max(std::size_t i) const noexcept { return max_[i]; }
  /// Returns the lower corner; valid as long as this object.
  std::span<const double> min() const noexcept { return {min_.data(), dimensions_}; }
  /// Returns the upper corner; valid as long as this object.
  std::span<const double> max() const noexcept { return {max_.data(), dimensions_}; }

  /// Returns whether the dimensions and all coordinates are equal.
  friend bool operator==(const rect& a, const rect& b) noexcept;

 private:
  std::size_t dimensions_;
  std::array<double, max_dimensions> min_;
  std::array<double, max_dimensions> max_;
};

/// Returns the rectangle that consists of one point. Throws what rect's constructor throws.
rect point(std::span<const double> coordinates);
/// Returns the rectangle that consists of one point, as in `point({1, 2})`.
inline rect point(std::initializer_list<double> coordinates) {
  return point(std::span(coordinates.begin(), coordinates.size()));
}

/// Returns whether the two have a point in common. A dimension that only one of them has is
/// ignored: the other one counts as unbounded there, as in BuntDB.
bool intersects(const rect& a, const rect& b) noexcept;

/// Returns the rectangle that a text describes, or nothing if it describes none. Texts are read as
/// BuntDB's IndexRect reads them:
///
///     [1 2]                                   a point
///     [1 2],[3 4]                             two corners; numbers may be -inf and +inf
///     POINT(1 2), LINESTRING(1 2, 3 4), …     well-known text: the bounding box
///     {"type":"Point","coordinates":[1,2]}    GeoJSON: the bounding box of the coordinates
///
/// For GeoJSON, the coordinates of a feature are those of its geometry, and those of a collection
/// are those of all its members.
///
/// The parser is as lenient as BuntDB: text before the first of these forms is skipped, and
/// something that is not a number counts as 0 where a number is expected. The result is nothing if
/// there are no coordinates, more than 20 coordinates for one point, a NaN, or GeoJSON objects
/// nested more than 32 deep. The time is linear in the size of the text, for each level of GeoJSON.
/// Throws std::bad_alloc.
std::optional<rect> parse_rect(std::string_view text);

/// Returns a text that parse_rect() reads as the same rectangle: `[1 2]` for a point, otherwise
/// `[1 2],[3 4]`. Each number has the fewest digits that represent it exactly, and never an
/// exponent. This corresponds to BuntDB's Rect and Point. Throws std::bad_alloc.
std::string to_text(const rect& rect);

}  // namespace buntdb
