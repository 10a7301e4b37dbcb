#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

#include <buntdb/rect.hpp>

namespace buntdb::spatial {

/// The bounding box of a geometry, collected coordinate by coordinate while its text is parsed.
class bounds {
 public:
  /// Adds coordinate number `dimension` of a point. The coordinates of a point are added in order.
  void add(std::size_t dimension, double coordinate) noexcept {
    if (dimension >= rect::max_dimensions) {
      give_up();
    } else if (dimension >= dimensions_) {
      min_[dimension] = coordinate;
      max_[dimension] = coordinate;
      dimensions_ = dimension + 1;
    } else if (coordinate < min_[dimension]) {
      min_[dimension] = coordinate;
    } else if (coordinate > max_[dimension]) {
      max_[dimension] = coordinate;
    }
  }

  /// From now on, there is no rectangle, whatever is added.
  void give_up() noexcept { given_up_ = true; }

  std::optional<rect> result() const {
    if (given_up_ || dimensions_ == 0) return std::nullopt;
    for (std::size_t i = 0; i < dimensions_; ++i) {
      if (std::isnan(min_[i]) || std::isnan(max_[i])) return std::nullopt;
    }
    return rect({min_.data(), dimensions_}, {max_.data(), dimensions_});
  }

 private:
  std::size_t dimensions_ = 0;
  bool given_up_ = false;
  std::array<double, rect::max_dimensions> min_{};
  std::array<double, rect::max_dimensions> max_{};
};

}  // namespace buntdb::spatial
