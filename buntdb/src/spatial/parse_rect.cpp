#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>

#include <buntdb/rect.hpp>

#include "spatial/bounds.hpp"
#include "spatial/geojson.hpp"
#include "spatial/wkt.hpp"
#include "text/ascii.hpp"
#include "text/float_text.hpp"

namespace buntdb {

namespace {

constexpr bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// The coordinates of one corner in brackets. If there are more than a rectangle can have, only one
/// more is kept. There are none if the text is not in brackets.
struct corner {
  explicit corner(std::string_view text) {
    text = text::trimmed(text, is_space);
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return;
    text = text.substr(1, text.size() - 2);
    while (count <= rect::max_dimensions) {
      text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
      if (text.empty()) return;
      const std::string_view number = text.substr(0, text.find(' '));
      coordinates[count++] = text::parse_float(number);
      text.remove_prefix(number.size());
    }
  }

  std::size_t count = 0;
  std::array<double, rect::max_dimensions + 1> coordinates{};
};

/// Reads up to two corners with a comma between them. A coordinate that only one of them has is
/// used for both.
std::optional<rect> parse_brackets(std::string_view text) {
  const std::size_t comma = text.find(',');
  corner min(text.substr(0, comma));
  corner max("");
  if (comma != std::string_view::npos) {
    const std::string_view rest = text.substr(comma + 1);
    max = corner(rest.substr(0, rest.find(',')));
  }
  const std::size_t count = std::max(min.count, max.count);
  if (count == 0 || count > rect::max_dimensions) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= min.count) min.coordinates[i] = max.coordinates[i];
    if (i >= max.count) max.coordinates[i] = min.coordinates[i];
    if (std::isnan(min.coordinates[i]) || std::isnan(max.coordinates[i])) return std::nullopt;
  }
  return rect({min.coordinates.data(), count}, {max.coordinates.data(), count});
}

}  // namespace

std::optional<rect> parse_rect(std::string_view text) {
  using namespace std::string_view_literals;
  // The first of these characters identifies the form. The text before it is ignored.
  const std::size_t start = text.find_first_of("[{pPlLmMgG\0\1"sv);
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start);
  if (text[0] == '[') return parse_brackets(text);
  spatial::bounds found;
  if (text[0] == '{') {
    spatial::read_geojson(text, found);
  } else if (text[0] > '\1') {  // NUL and 1 begin a binary form, which BuntDB does not read
    spatial::read_wkt(text, found);
  }
  return found.result();
}

}  // namespace buntdb
