#pragma once

#include <span>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a request says of where it comes from, for session::allows_change(). An adapter's
/// csrf_request_of() reads the headers.
struct csrf_request {
  /// `POST`. Methods are compared as they are, in capital letters.
  std::string method{};
  /// What came in the form's field, or in the header `X-CSRF-Token`; empty if nothing did.
  std::string token{};
  /// The headers of these names; empty if they are not there.
  std::string sec_fetch_site{};
  std::string origin{};
  std::string host{};
};

/// Whether a method changes nothing (RFC 9110, 9.2.1): GET, HEAD, OPTIONS or TRACE.
bool is_safe_method(std::string_view method) noexcept;

/// Whether a request that changes something comes from a page of its own site, as far as the
/// browser tells. Stores nothing, needs no session, and says in this order:
/// 1. Yes, if `Origin` is one of the trusted origins (`https://login.example.com`).
/// 2. With `Sec-Fetch-Site` (all browsers since 2023, over https and to localhost): whether that is
///    `same-origin`, or `none`, which is a visitor's own doing.
/// 3. With `Origin` only: whether its host and port are those of `Host`, in any letter case. The
///    scheme is not compared: a proxy may have ended TLS.
/// 4. Yes, if there is neither: it comes from no browser, and nobody's cookies are abused.
bool request_is_same_origin(const csrf_request& request,
                            std::span<const std::string> trusted_origins = {}) noexcept;

}  // namespace scs
