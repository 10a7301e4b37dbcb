#pragma once

#include <span>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a request says about where it comes from, for session::allows_change(). An adapter's
/// csrf_request_of() fills it from the headers.
struct csrf_request {
  /// The method, such as `POST`, in capital letters. The comparison is case-sensitive.
  std::string method{};
  /// The token from the form's field or from the header `X-CSRF-Token`. Empty if the request has
  /// neither.
  std::string token{};
  /// The values of the headers with these names. Empty if the request has no such header.
  std::string sec_fetch_site{};
  std::string origin{};
  std::string host{};
};

/// Returns whether a method is safe, that is, changes nothing (RFC 9110, 9.2.1): GET, HEAD, OPTIONS
/// or TRACE.
bool is_safe_method(std::string_view method) noexcept;

/// Returns whether a request that changes something comes from a page of the same site, as far as
/// the browser's headers show. It stores nothing and needs no session. It decides in this order:
/// 1. True if `Origin` is one of the trusted origins (`https://login.example.com`).
/// 2. With `Sec-Fetch-Site`, which all browsers since 2023 send over https and to localhost: true
///    if it is `same-origin`, or `none`, which means that the visitor started the request.
/// 3. With `Origin` only: true if its host and port equal those of `Host`, ignoring letter case.
///    The scheme is not compared, because a proxy may have terminated TLS.
/// 4. True if there is neither header: the request does not come from a browser, so nobody's
///    cookies are abused.
bool request_is_same_origin(const csrf_request& request,
                            std::span<const std::string> trusted_origins = {}) noexcept;

}  // namespace scs
