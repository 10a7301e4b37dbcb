#pragma once

#include <httplib.h>

#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/httplib_version.hpp>

// What a visitor may ask of cpp-httplib, and what it then does to others.

namespace scs::http::detail {

inline framing framing_of(const httplib::Request& request) {
  framing_of_request lengths;
  const auto [first_length, last_length] = request.headers.equal_range("Content-Length");
  for (auto line = first_length; line != last_length; ++line)
    lengths.content_length(line->second);
  const auto [first_encoding, last_encoding] = request.headers.equal_range("Transfer-Encoding");
  for (auto line = first_encoding; line != last_encoding; ++line)
    lengths.transfer_encoding(line->second);
  return lengths.result();
}

/// Says `Connection: close` after a request that may have left something of its body on the
/// connection, where cpp-httplib would mistake it for the next request. A proxy then drops the
/// connection, and nobody else's request gets onto it. cpp-httplib before 0.52 answers what is left
/// all the same; there, scs::http::serve() ends every connection after its first response.
inline void end_unclear_connection(const httplib::Request& request, httplib::Response& response) {
  const framing body = framing_of(request);
  const bool unread = !httplib_0_52_drains_bodies && body == framing::body && request.body.empty();
  if (body != framing::ambiguous && !unread) return;
  response.headers.erase("Connection");
  response.headers.erase("Keep-Alive");
  response.headers.emplace("Connection", "close");
  httplib_0_52_end_connection(request);
}

/// Before a body is read: answers a request whose body cpp-httplib would keep in memory whatever
/// its size. Whether it has answered.
inline bool refuse_uncounted_body(const httplib::Request& request, httplib::Response& response) {
  constexpr int length_required = 411;
  constexpr int unsupported_media_type = 415;
  if (!httplib_0_23_counts_chunks && request.has_header("Transfer-Encoding")) {
    response.status = length_required;
    response.set_content("Send the body with its Content-Length.\n", "text/plain");
    return true;
  }
  if (!httplib_0_30_1_counts_decompressed && request.has_header("Content-Encoding")) {
    response.status = unsupported_media_type;
    response.set_content("Send the body without a Content-Encoding.\n", "text/plain");
    return true;
  }
  return false;
}

/// Before the handler: cpp-httplib puts together one part for each range of a list, and a list of
/// 8 KiB asks for the page thousands of times. A server may ignore a Range line (RFC 9110, 14.2).
inline void ignore_range_lists(const httplib::Request& request) {
  // The server's request is no constant; only its hooks see it as one.
  if (request.ranges.size() > 1) const_cast<httplib::Request&>(request).ranges.clear();
}

/// After the handler: only a response that may be partial is cut to a range.
inline void ignore_ranges(const httplib::Request& request, const httplib::Response& response) {
  constexpr int partial = 206;
  if (response.status > 0 && response.status != partial)
    const_cast<httplib::Request&>(request).ranges.clear();
}

}  // namespace scs::http::detail
