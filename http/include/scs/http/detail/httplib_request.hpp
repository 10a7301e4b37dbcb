#pragma once

#include <httplib.h>

#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/httplib_version.hpp>

// Requests by which a visitor could harm others, because of how cpp-httplib handles them.

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

/// Adds `Connection: close` to the response to a request that may have left a part of its body on
/// the connection, where cpp-httplib would mistake it for the next request. A proxy then drops the
/// connection and does not send another visitor's request over it. cpp-httplib before 0.52 answers
/// such a remainder anyway. With these versions, scs::http::serve() ends every connection after its
/// first response.
inline void end_unclear_connection(const httplib::Request& request, httplib::Response& response) {
  const framing body = framing_of(request);
  const bool unread = !httplib_0_52_drains_bodies && body == framing::body && request.body.empty();
  if (body != framing::ambiguous && !unread) return;
  response.headers.erase("Connection");
  response.headers.erase("Keep-Alive");
  response.headers.emplace("Connection", "close");
  httplib_0_52_end_connection(request);
}

/// Call it before a body is read. Answers a request whose body cpp-httplib would keep in memory
/// whatever its size. Returns whether it has answered.
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

/// Call it before the handler. Removes a list of ranges: cpp-httplib makes one part for each range,
/// so that a list of 8 KiB requests the page thousands of times. A server may ignore a Range line
/// (RFC 9110, 14.2).
inline void ignore_range_lists(const httplib::Request& request) {
  // The server's request is not const; only its hooks receive it as const.
  if (request.ranges.size() > 1) const_cast<httplib::Request&>(request).ranges.clear();
}

/// Call it after the handler. Makes cpp-httplib cut only a response with the status 206, or without
/// a status, to a range.
inline void ignore_ranges(const httplib::Request& request, const httplib::Response& response) {
  constexpr int partial = 206;
  if (response.status > 0 && response.status != partial)
    const_cast<httplib::Request&>(request).ranges.clear();
}

}  // namespace scs::http::detail
