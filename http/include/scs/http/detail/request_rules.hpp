#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>

// The requests that a listener refuses. The end of a body must be unambiguous: if two programs see
// different ends, one treats a part of a body as a request (request smuggling). Beast's parser
// detects invalid syntax. The rules here are for what it accepts.

namespace scs::http::detail {

/// What a request's headers say about its body.
struct request_framing {
  /// The status of the refusal. 0 if the request is accepted.
  unsigned refusal = 0;
  /// Whether the body comes in chunks.
  bool chunked = false;
  /// Whether the client waits for `100 Continue` before it sends the body.
  bool waits_for_continue = false;
};

/// Checks RFC 9112, 3.2 (Host), 6.1 (Transfer-Encoding: only `chunked` is accepted, and not in
/// HTTP/1.0) and 6.3 (Content-Length: one line, one number).
template <class Fields>
request_framing check_framing(const boost::beast::http::header<true, Fields>& header) {
  namespace http = boost::beast::http;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  bool good = true;
  request_framing framing;
  for (const auto& field : header) {
    const boost::beast::string_view value = field.value();
    switch (field.name()) {
      case http::field::host:
        ++hosts;
        break;
      case http::field::content_length:
        ++lengths;
        good = good && std::all_of(value.begin(), value.end(), [](char character) {
                 return character >= '0' && character <= '9';
               });
        break;
      case http::field::transfer_encoding:
        ++codings;
        framing.chunked = boost::beast::iequals(value, "chunked");
        break;
      case http::field::expect:
        framing.waits_for_continue = boost::beast::iequals(value, "100-continue");
        break;
      default:
        break;
    }
  }
  const bool is_1_1 = header.version() == 11;
  if (!is_1_1) framing.waits_for_continue = false;
  good = good && lengths + codings <= 1 && hosts <= 1 && (hosts == 1 || !is_1_1) &&
         (codings == 0 || (framing.chunked && is_1_1));
  if (!good) framing.refusal = 400;
  return framing;
}

/// Returns the status for an error of Beast's parser.
inline unsigned status_of(const boost::beast::error_code& failed) {
  if (failed == boost::beast::http::error::header_limit) return 431;
  if (failed == boost::beast::http::error::body_limit) return 413;
  return 400;
}

/// Returns the response to a refused request.
inline boost::beast::http::response<boost::beast::http::string_body> refusal(
    unsigned status, boost::beast::http::verb method) {
  boost::beast::http::response<boost::beast::http::string_body> answer{
      boost::beast::http::int_to_status(status), 11};
  answer.set(boost::beast::http::field::content_type, "text/plain");
  answer.body() = std::string(answer.reason()) + "\n";
  answer.keep_alive(false);
  answer.prepare_payload();
  if (method == boost::beast::http::verb::head) answer.body().clear();
  return answer;
}

}  // namespace scs::http::detail
