#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <httplib.h>

// What differs between versions of cpp-httplib: since 0.18 its Headers are an unordered multimap,
// before that they were an ordered one. An ordered one keeps the lines of one name in the order of
// their arrival. For an unordered one it is up to the standard library where it puts a line beside
// those of the same name: libstdc++ puts it before them. So httplib itself keeps no order there,
// and the functions below restore it.

namespace scs::http::detail {

/// Whether a line comes before the earlier ones of its name. A copy keeps the order, whatever it
/// is.
inline bool httplib_0_18_reverses_lines() {
  static const bool reverses = [] {
    httplib::Headers two;
    two.emplace("Cookie", "first");
    two.emplace("Cookie", "second");
    return two.find("Cookie")->second == "second";
  }();
  return reverses;
}

/// Appends the values of a request's lines of this name, in the order of their arrival. They are
/// views into the headers.
inline void append_lines_in_order(std::vector<std::string_view>& lines,
                                  const httplib::Headers& headers, const std::string& name) {
  const std::size_t before = lines.size();
  const auto [begin, end] = headers.equal_range(name);
  for (auto line = begin; line != end; ++line)
    lines.push_back(line->second);
  if (httplib_0_18_reverses_lines()) {
    std::reverse(lines.begin() + static_cast<std::ptrdiff_t>(before), lines.end());
  }
}

/// Adds a line after those of its name, which stay as they are.
inline void add_last_line(httplib::Headers& headers, const std::string& name,
                          const std::string& value) {
  if (!httplib_0_18_reverses_lines()) {
    headers.emplace(name, value);
    return;
  }
  std::vector<std::string> others;
  const auto [begin, end] = headers.equal_range(name);
  for (auto line = begin; line != end; ++line)
    others.push_back(line->second);
  headers.erase(name);
  headers.emplace(name, value);
  for (const std::string& other : others)
    headers.emplace(name, other);
}

}  // namespace scs::http::detail
