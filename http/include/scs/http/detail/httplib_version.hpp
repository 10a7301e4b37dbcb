#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <httplib.h>

// Everything in which the versions of cpp-httplib differ for this adapter. Each name has the first
// version that behaves as the name says. docs/security.md says what an older version lets visitors
// do. Tested with 0.11.4, 0.14.3, 0.18.7, 0.20.1, 0.30.2, 0.41.0 and 0.53.1.
//
// These differ, too, and need nothing here:
//   - %XX in request headers is decoded before 0.44. No hook sees the line as it was sent.
//   - The body of a GET request, of HEAD and of DELETE is read by some versions only. What is left
//     on the connection counts, and httplib_0_52_drains_bodies says so.
//   - A Range line with many parts, and a response that cannot be partial: httplib_request.hpp
//     treats all versions alike.
//   - Expect: 100-continue is answered before routing, and 1xx, 204 and 304 get a Content-Length,
//     in all versions.

namespace scs::http::detail {

/// "0.11.4" is 11'04, "1.2" would be 1'02'00.
constexpr int httplib_version_number(std::string_view text) noexcept {
  constexpr int parts = 3;
  int number = 0;
  for (int i = 0; i < parts; ++i) {
    int part = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      part = 10 * part + (text.front() - '0');
      text.remove_prefix(1);
    }
    number = 100 * number + part;
    if (!text.empty()) text.remove_prefix(1);
  }
  return number;
}

constexpr int httplib_version = httplib_version_number(CPPHTTPLIB_VERSION);

/// Whether the library reads what is left of a request's body before it takes the next request from
/// the connection, and refuses requests whose end is in doubt. 0.40 began to read it, 0.45 does so
/// after every method, 0.52 refuses. After a request that it refuses with 400, the library reads on
/// in all versions.
constexpr bool httplib_0_52_drains_bodies = httplib_version >= 52'00;

/// Makes the library end the connection after a response that says `Connection: close`. Since 0.52
/// it does so only if it has left something of a body unread, so it is told that. A template,
/// because older versions have no such member; serve() ends their connections.
template <class Request>
void httplib_0_52_end_connection([[maybe_unused]] const Request& request) {
  if constexpr (httplib_0_52_drains_bodies && requires { request.body_consumed_; }) {
    // The server's request is no constant; only its hooks see it as one.
    Request& own = const_cast<Request&>(request);
    own.body_consumed_ = false;
    own.headers.emplace("Transfer-Encoding", "chunked");
  }
}

/// Whether set_payload_max_length() holds for bodies that come in chunks.
constexpr bool httplib_0_23_counts_chunks = httplib_version >= 23'00;

/// Whether it holds for the size of a body after it was decompressed.
constexpr bool httplib_0_30_1_counts_decompressed = httplib_version >= 30'01;

/// Whether a route such as `/user/:id` matched. A template, because older versions have no such
/// routes and no such member.
template <class Request>
bool httplib_0_14_has_path_params(const Request& request) noexcept {
  if constexpr (requires { request.path_params; }) {
    return !request.path_params.empty();
  } else {
    return false;
  }
}

/// Whether a header line comes before the earlier lines of its name. Headers are an ordered
/// multimap before 0.18, which keeps the order, then an unordered one, and a list that keeps the
/// order in 0.53. For an unordered one the standard library decides: libstdc++ puts a line before
/// those of its name. A copy keeps the order, whatever it is.
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
  for (auto other = others.rbegin(); other != others.rend(); ++other)
    headers.emplace(name, *other);
}

}  // namespace scs::http::detail
