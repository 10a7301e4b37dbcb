#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <httplib.h>

// All differences between versions of cpp-httplib that this adapter must handle. Each name contains
// the first version that behaves as the name says. docs/security.md says what an older version lets
// visitors do. Tested with 0.11.4, 0.14.3, 0.18.7, 0.20.1, 0.30.2, 0.41.0 and 0.53.1.
//
// These differences need nothing here:
//   - Versions before 0.44 decode %XX in request headers. No hook receives the line as it was sent.
//   - Only some versions read the body of a GET, HEAD or DELETE request. What matters is whether a
//     part of it is left on the connection: httplib_0_52_drains_bodies.
//   - A Range line with many parts, and a response that cannot be partial: httplib_request.hpp
//     treats all versions alike.
//   - Expect: 100-continue is answered before routing, and 1xx, 204 and 304 get a Content-Length,
//     in all versions.

namespace scs::http::detail {

/// Returns 11'04 for "0.11.4", and 1'02'00 for "1.2".
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

/// Whether the library reads the rest of a request's body before it reads the next request from the
/// connection, and refuses requests whose end is ambiguous. Since 0.40 it reads the rest after some
/// methods, since 0.45 after every method, and since 0.52 it refuses ambiguous requests. After a
/// request that it refuses with 400, it reads the next request in all versions.
constexpr bool httplib_0_52_drains_bodies = httplib_version >= 52'00;

/// Makes the library end the connection after a response with `Connection: close`. Since 0.52 it
/// does so only if it has left a part of a body unread, so this sets the members that say so. It is
/// a template because older versions do not have the member; serve() ends their connections.
template <class Request>
void httplib_0_52_end_connection([[maybe_unused]] const Request& request) {
  if constexpr (httplib_0_52_drains_bodies && requires { request.body_consumed_; }) {
    // The server's request is not const; only its hooks receive it as const.
    Request& own = const_cast<Request&>(request);
    own.body_consumed_ = false;
    own.headers.emplace("Transfer-Encoding", "chunked");
  }
}

/// Whether set_payload_max_length() applies to bodies in chunks.
constexpr bool httplib_0_23_counts_chunks = httplib_version >= 23'00;

/// Whether it applies to the size of a body after decompression.
constexpr bool httplib_0_30_1_counts_decompressed = httplib_version >= 30'01;

/// Whether a route such as `/user/:id` matched. It is a template because older versions have
/// neither such routes nor the member.
template <class Request>
bool httplib_0_14_has_path_params(const Request& request) noexcept {
  if constexpr (requires { request.path_params; }) {
    return !request.path_params.empty();
  } else {
    return false;
  }
}

/// Whether the headers return the lines of one name in the reverse order of their insertion. Before
/// 0.18, headers are an ordered multimap, which keeps the order. From 0.18 on they are an unordered
/// multimap, whose order the standard library decides: libstdc++ inserts a line before those of its
/// name. In 0.53 they are a list, which keeps the order. A copy has the same order as its source.
inline bool httplib_0_18_reverses_lines() {
  static const bool reverses = [] {
    httplib::Headers two;
    two.emplace("Cookie", "first");
    two.emplace("Cookie", "second");
    return two.find("Cookie")->second == "second";
  }();
  return reverses;
}

/// Appends the values of a request's lines of this name, in the order of their arrival. The views
/// are valid until the headers change.
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

/// Adds a line after the other lines of its name, whose order and values stay the same.
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
