#include "spatial/geojson.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "text/float_text.hpp"
#include "text/unicode_escape.hpp"
#include "text/utf8.hpp"

namespace buntdb::spatial {

namespace {

// Each level reads everything below it once more, to find its end.
constexpr unsigned max_nesting = 32;

/// Returns the position after the string that begins at i.
std::size_t skip_string(std::string_view text, std::size_t i) noexcept {
  for (++i; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

/// Returns the position after the array or object that begins at i.
std::size_t skip_nested(std::string_view text, std::size_t i) noexcept {
  std::size_t depth = 0;
  while (i < text.size()) {
    switch (text[i]) {
      case '"':
        i = skip_string(text, i);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return i + 1;
        break;
      default:
        break;
    }
    ++i;
  }
  return text.size();
}

/// Returns the position after the value that begins at i.
std::size_t skip_value(std::string_view text, std::size_t i) noexcept {
  if (text[i] == '"') return skip_string(text, i);
  if (text[i] == '{' || text[i] == '[') return skip_nested(text, i);
  while (i < text.size() && text[i] > ' ' && text[i] != ',' && text[i] != ']' && text[i] != '}')
    ++i;
  return i;
}

/// Resolves the escapes in the content of a string.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    if (const auto first = text::unicode_escape(text.substr(i))) {
      i += 5;
      const auto second = text::unicode_escape(text.substr(i + 1));
      if (second && text::is_surrogate_pair(*first, *second)) {
        i += 6;
        text::append_utf8(out, text::join_surrogates(*first, *second));
      } else {
        text::append_utf8(out, text::is_surrogate(*first) ? text::replacement_character : *first);
      }
      continue;
    }
    constexpr std::string_view letters = "bfnrt";
    constexpr std::string_view meanings = "\b\f\n\r\t";
    const std::size_t letter = letters.find(text[++i]);
    out += letter == std::string_view::npos ? text[i] : meanings[letter];
  }
  return out;
}

/// Returns a value as text: the content of a string, otherwise the JSON itself. May use `storage`
/// for it.
std::string_view text_of(std::string_view value, std::string& storage) {
  if (!value.starts_with('"')) return value;
  value.remove_prefix(1);
  if (value.ends_with('"')) value.remove_suffix(1);
  if (value.find('\\') == std::string_view::npos) return value;
  storage = unescaped(value);
  return storage;
}

/// The members that are used, as JSON; empty if absent.
struct geo_object {
  std::string_view type;
  std::string_view coordinates;
  std::string_view geometry;
  std::string_view features;
  std::string_view geometries;

  std::string_view* member(std::string_view name) noexcept {
    if (name == "type") return &type;
    if (name == "coordinates") return &coordinates;
    if (name == "geometry") return &geometry;
    if (name == "features") return &features;
    if (name == "geometries") return &geometries;
    return nullptr;
  }
};

/// Reads the members; the first one of each name is used.
geo_object members_of(std::string_view text) {
  geo_object found;
  std::string storage;
  std::size_t i = text.find_first_of("{[");
  if (i == std::string_view::npos || text[i] == '[') return found;
  for (++i;;) {
    i = text.find_first_of("\"}", i);
    if (i == std::string_view::npos || text[i] == '}') return found;
    const std::size_t name = i;
    i = skip_string(text, i);
    std::string_view* member = found.member(text_of(text.substr(name, i - name), storage));
    i = text.find_first_not_of(": \t\r\n", i);
    if (i == std::string_view::npos) return found;
    const std::size_t value = i;
    i = skip_value(text, i);
    if (member != nullptr && member->empty()) *member = text.substr(value, i - value);
  }
}

/// Adds every number in nested arrays. The end of an array is the end of a point.
void read_coordinates(std::string_view json, bounds& found) {
  std::size_t dimension = 0;
  // Where the number that is being read begins; 0 if there is none, because a bracket is at 0.
  std::size_t number = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (std::string_view("[,] \t\r\n").find(c) == std::string_view::npos) {
      if (number == 0) number = i;
      continue;
    }
    if (number != 0) {
      found.add(dimension++, text::parse_float(json.substr(number, i - number)));
      number = 0;
    }
    if (c == ']') dimension = 0;
  }
}

void read_object(std::string_view text, bounds& found, unsigned nesting);

/// A value that is not an array counts as an array of one element.
void read_elements(std::string_view json, bounds& found, unsigned nesting) {
  if (json.empty() || json == "null") return;
  std::string storage;
  if (json[0] != '[') {
    read_object(text_of(json, storage), found, nesting);
    return;
  }
  for (std::size_t i = 1;;) {
    i = json.find_first_not_of(", \t\r\n", i);
    if (i == std::string_view::npos || json[i] == ']') return;
    const std::size_t element = i;
    i = std::max(skip_value(json, i), i + 1);
    read_object(text_of(json.substr(element, i - element), storage), found, nesting);
  }
}

void read_object(std::string_view text, bounds& found, unsigned nesting) {
  if (nesting == max_nesting) {
    found.give_up();
    return;
  }
  const geo_object object = members_of(text);
  std::string storage;
  const std::string_view type = object.type.starts_with('"') ? text_of(object.type, storage) : "";
  if (type == "Feature") {
    read_object(text_of(object.geometry, storage), found, nesting + 1);
  } else if (type == "FeatureCollection") {
    read_elements(object.features, found, nesting + 1);
  } else if (type == "GeometryCollection") {
    read_elements(object.geometries, found, nesting + 1);
  } else {
    read_coordinates(object.coordinates, found);
  }
}

}  // namespace

void read_geojson(std::string_view text, bounds& found) {
  read_object(text, found, 0);
}

}  // namespace buntdb::spatial
