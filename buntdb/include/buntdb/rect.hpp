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

/// A box of 1 to 20 dimensions, its borders included; a point is one without extent. Sides may be
/// infinite: the box from -inf to +inf in a dimension says nothing of it. A value, without memory
/// of its own.
class rect {
 public:
  static constexpr std::size_t max_dimensions = 20;

  /// From the smallest corner to the greatest; coordinates that are the wrong way round are
  /// exchanged. Throws errc::invalid_argument if the two differ in their number of coordinates,
  /// if that is not 1 to 20, or if one is NaN.
  rect(std::span<const double> min, std::span<const double> max);
  rect(std::initializer_list<double> min, std::initializer_list<double> max)
      : rect(std::span(min.begin(), min.size()), std::span(max.begin(), max.size())) {}

  std::size_t dimensions() const noexcept { return dimensions_; }
  /// Of dimension i, which is less than dimensions().
  double min(std::size_t i) const noexcept { return min_[i]; }
  double max(std::size_t i) const noexcept { return max_[i]; }
  /// The corners; valid as long as this object.
  std::span<const double> min() const noexcept { return {min_.data(), dimensions_}; }
  std::span<const double> max() const noexcept { return {max_.data(), dimensions_}; }

  friend bool operator==(const rect& a, const rect& b) noexcept;

 private:
  std::size_t dimensions_;
  std::array<double, max_dimensions> min_;
  std::array<double, max_dimensions> max_;
};

/// The rectangle that is one point. Throws as rect's constructor does.
rect point(std::span<const double> coordinates);
inline rect point(std::initializer_list<double> coordinates) {
  return point(std::span(coordinates.begin(), coordinates.size()));
}

/// Whether the two share a point. A dimension that only one of them has does not count: the other
/// is taken to be unbounded there, as in BuntDB.
bool intersects(const rect& a, const rect& b) noexcept;

/// The rectangle that a text means, read as BuntDB's IndexRect does, or nothing if it means none:
///
///     [1 2]                                        a point
///     [1 2],[3 4]                                  two corners; numbers may be -inf and +inf
///     POINT(1 2), LINESTRING(1 2, 3 4), …          well-known text: what surrounds it
///     {"type":"Point","coordinates":[1,2]}         GeoJSON: what surrounds its coordinates, those
///     of
///                                                  a feature's geometry, or of all in a collection
///
/// It is as lenient as the original, too: text before the first of these is skipped, and what
/// stands in the place of a number and is none counts as 0. There is no rectangle if there are no
/// coordinates, more than 20 for one point, a NaN, or GeoJSON objects inside each other more than
/// 32 deep. Takes time linear in the text's size (for each level of GeoJSON). Throws
/// std::bad_alloc.
std::optional<rect> parse_rect(std::string_view text);

/// What parse_rect reads as the same rectangle: `[1 2]` for a point, `[1 2],[3 4]` else, each
/// number in the fewest digits that mean it exactly, never with an exponent; BuntDB's Rect and
/// Point. Throws std::bad_alloc.
std::string to_text(const rect& rect);

}  // namespace buntdb
