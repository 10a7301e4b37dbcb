#include <algorithm>
#include <cmath>
#include <utility>

#include <buntdb/error.hpp>
#include <buntdb/rect.hpp>

#include "text/float_text.hpp"

namespace buntdb {

rect::rect(std::span<const double> min, std::span<const double> max) : dimensions_(min.size()) {
  if (min.size() != max.size()) {
    throw error(errc::invalid_argument,
                "the corners of a rectangle have " + std::to_string(min.size()) + " and " +
                    std::to_string(max.size()) + " coordinates: give both as many");
  }
  if (min.empty() || min.size() > max_dimensions) {
    throw error(errc::invalid_argument, "a rectangle of " + std::to_string(min.size()) +
                                            " dimensions: it can have 1 to " +
                                            std::to_string(max_dimensions));
  }
  for (std::size_t i = 0; i < dimensions_; ++i) {
    if (std::isnan(min[i]) || std::isnan(max[i])) {
      throw error(errc::invalid_argument,
                  "coordinate " + std::to_string(i + 1) + " of a rectangle is not a number (NaN)");
    }
    min_[i] = std::min(min[i], max[i]);
    max_[i] = std::max(min[i], max[i]);
  }
}

bool operator==(const rect& a, const rect& b) noexcept {
  return std::ranges::equal(a.min(), b.min()) && std::ranges::equal(a.max(), b.max());
}

rect point(std::span<const double> coordinates) {
  return {coordinates, coordinates};
}

bool intersects(const rect& a, const rect& b) noexcept {
  const std::size_t common = std::min(a.dimensions(), b.dimensions());
  for (std::size_t i = 0; i < common; ++i) {
    if (a.min(i) > b.max(i) || b.min(i) > a.max(i)) return false;
  }
  return true;
}

std::string to_text(const rect& rect) {
  std::string out;
  const auto append = [&out](std::span<const double> corner) {
    char separator = '[';
    for (const double coordinate : corner) {
      out += std::exchange(separator, ' ');
      text::append_float(out, coordinate);
    }
    out += ']';
  };
  append(rect.min());
  if (!std::ranges::equal(rect.min(), rect.max())) {
    out += ',';
    append(rect.max());
  }
  return out;
}

}  // namespace buntdb
