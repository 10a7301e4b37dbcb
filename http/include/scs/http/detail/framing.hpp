#pragma once

#include <cstddef>
#include <string_view>

#include <scs/http/detail/header_rules.hpp>

namespace scs::http::detail {

/// How a request states the length of its body (RFC 9112, 6).
enum class framing {
  no_body,
  body,
  /// Contradictory or meaningless: two programs that handle the request may not agree on where its
  /// body ends.
  ambiguous,
};

/// Collects a request's Content-Length and Transfer-Encoding lines.
class framing_of_request {
 public:
  void content_length(std::string_view value) noexcept {
    const bool number =
        !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number || (lengths_ > 0 && value != length_)) ambiguous_ = true;
    length_ = value;
    ++lengths_;
  }
  void transfer_encoding(std::string_view value) noexcept {
    if (encodings_ > 0 || !same_text(value, "chunked")) ambiguous_ = true;
    ++encodings_;
  }

  framing result() const noexcept {
    if (ambiguous_ || (lengths_ > 0 && encodings_ > 0)) return framing::ambiguous;
    if (encodings_ > 0) return framing::body;
    return length_.find_first_not_of('0') == std::string_view::npos ? framing::no_body
                                                                    : framing::body;
  }

 private:
  std::string_view length_{};
  std::size_t lengths_ = 0;
  std::size_t encodings_ = 0;
  bool ambiguous_ = false;
};

/// Returns the framing of a request whose headers Library accesses.
template <class Library, class Request>
framing framing_of(const Request& request) {
  framing_of_request lengths;
  Library::for_each_header(request, "Content-Length",
                           [&](std::string_view value) { lengths.content_length(value); });
  Library::for_each_header(request, "Transfer-Encoding",
                           [&](std::string_view value) { lengths.transfer_encoding(value); });
  return lengths.result();
}

/// For a library that may accept a request with ambiguous length: the connection is not used again
/// after it.
template <class Library, class Request, class Response>
void end_ambiguous_connection(const Request& request, Response& response) {
  if (framing_of<Library>(request) != framing::ambiguous) return;
  Library::erase_header(response, "Connection");
  Library::append_header(response, "Connection", "close");
}

}  // namespace scs::http::detail
