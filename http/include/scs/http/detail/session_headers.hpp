#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scs/header.hpp>
#include <scs/http/detail/header_rules.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// How an adapter loads a request's session and adds its headers to the response. `Library` says how
// a library keeps headers: for_each_header(), append_header() and erase_header() of
// scs::http::http_library.
//
// What caches are told, whatever the handler did:
//   1. A response whose handler, stream, hook or error function could use the session varies by the
//      header that carries the token. Whether the session was used by the time of the commit does
//      not matter: a stream and a hook use it later.
//   2. A response that carries a new cookie (or token) is not stored, by any kind of cache.
//   3. A response for which the session was used is not stored by a shared cache, unless the
//   handler
//      said otherwise. An error page is stored by no cache, unless the error function said
//      otherwise.

namespace scs::http::detail {

/// The session of a request that is kept as Library says.
template <class Library, class Request>
session load_session(session_manager& sessions, const Request& request, load_policy policy) {
  std::vector<std::string> values;
  for (const std::string& name : sessions.request_header_names()) {
    Library::for_each_header(request, name,
                             [&](std::string_view value) { values.emplace_back(value); });
  }
  const std::vector<std::string_view> lines(values.begin(), values.end());
  return sessions.load(lines, policy);
}

/// What tells some cache more than Cache-Control does.
constexpr std::string_view other_cache_headers[] = {
    "CDN-Cache-Control", "Cloudflare-CDN-Cache-Control",
    "Edge-Control",      "Expires",
    "Surrogate-Control", "X-Accel-Expires",
};

template <class Library, class Response>
bool has_header(const Response& response, std::string_view name) {
  bool found = false;
  Library::for_each_header(response, name, [&](std::string_view) { found = true; });
  return found;
}

/// Adds a member to the response's Vary, which stays one line.
template <class Library, class Response>
void append_vary(Response& response, std::string_view member) {
  std::optional<std::string> there;
  bool listed = false;
  Library::for_each_header(response, "Vary", [&](std::string_view value) {
    listed = listed || lists(value, "*") || lists(value, member);
    there = there ? *there + ", " + std::string(value) : std::string(value);
  });
  if (listed) return;
  if (there) {
    Library::erase_header(response, "Vary");
    Library::append_header(response, "Vary", *there + ", " + std::string(member));
  } else {
    Library::append_header(response, "Vary", member);
  }
}

template <class Library, class Response>
void append_vary(Response& response, const session_manager& sessions) {
  for (const std::string& name : sessions.request_header_names())
    append_vary<Library>(response, name);
}

/// Keeps a response for which the session was used out of shared caches, unless somebody said what
/// caches may do.
template <class Library, class Response>
void append_private(Response& response) {
  if (!has_header<Library>(response, "Cache-Control"))
    Library::append_header(response, "Cache-Control", "private");
}

template <class Library, class Response>
void erase_cache_headers(Response& response) {
  Library::erase_header(response, "Cache-Control");
  for (const std::string_view name : other_cache_headers)
    Library::erase_header(response, name);
}

/// What a response is to the session.
enum class response_kind {
  whole,   ///< what the session was used for is over
  stream,  ///< the body may use it later
  error,   ///< an error page, whose function may have used it
};

/// Adds the headers of session_manager::commit() or abandon().
template <class Library, class Response>
void append_headers(Response& response, const std::vector<header>& headers,
                    const session_manager& sessions, response_kind kind) {
  std::for_each(headers.begin(), headers.end(), check);
  bool used = kind == response_kind::stream;
  for (const header& header : headers) {
    if (same_text(header.name, "Vary")) {
      used = true;
    } else if (same_text(header.name, "Cache-Control")) {  // no-store, with a cookie or token
      erase_cache_headers<Library>(response);
      Library::append_header(response, header.name, header.value);
    } else {
      Library::append_header(response, header.name, header.value);
    }
  }
  append_vary<Library>(response, sessions);
  if (kind != response_kind::error) {
    if (used) append_private<Library>(response);
  } else if (!has_header<Library>(response, "Cache-Control")) {
    erase_cache_headers<Library>(response);
    Library::append_header(response, "Cache-Control", "no-store");
  }
}

}  // namespace scs::http::detail
