#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <buntstore/wipe.hpp>
#include <scs/header.hpp>
#include <scs/http/detail/header_rules.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// How an adapter loads a request's session and adds its headers to the response. `Library` accesses
// a library's headers by for_each_header(), append_header() and erase_header() of
// scs::http::http_library. It has `static constexpr bool values_stay = true` if the values that
// for_each_header() passes stay valid as long as the request.
//
// The rules for caches, whatever the handler did:
// 1. If the handler, stream, hook or error function of a response could use the session, the
//    response varies by the header that carries the token. It does not matter whether the session
//    was used before the commit: a stream and a hook use it later.
// 2. A response with a new cookie (or token) is not stored by any cache.
// 3. A response for which the session was used is not stored by a shared cache, unless the handler
//    set other cache headers. An error page is not stored by any cache, unless the error function
//    set other cache headers.

namespace scs::http::detail {

/// Header lines of a request whose values stay valid. Allocates nothing for the first four, which
/// are nearly always enough.
class header_lines {
 public:
  void add(std::string_view value) {
    if (count_ < first_.size()) {
      first_[count_] = value;
    } else {
      if (all_.empty()) all_.assign(first_.begin(), first_.end());
      all_.push_back(value);
    }
    ++count_;
  }
  std::span<const std::string_view> all() const noexcept {
    if (!all_.empty()) return all_;
    return {first_.data(), count_};
  }

 private:
  std::array<std::string_view, 4> first_{};
  std::size_t count_ = 0;
  std::vector<std::string_view> all_{};
};

/// Loads the session of a request whose headers Library accesses.
template <class Library, class Request>
session load_session(session_manager& sessions, const Request& request, const request_info& info) {
  const auto for_each_line = [&](auto call) {
    for (const std::string& name : sessions.request_header_names())
      Library::for_each_header(request, name, call);
  };
  if constexpr (requires { requires Library::values_stay; }) {
    header_lines lines;
    for_each_line([&](std::string_view value) { lines.add(value); });
    return sessions.load(lines.all(), info);
  } else {
    std::vector<std::string> values;
    for_each_line([&](std::string_view value) { values.emplace_back(value); });
    const std::vector<std::string_view> lines(values.begin(), values.end());
    session loaded = sessions.load(lines, info);
    for (std::string& value : values)
      buntstore::wipe(value);
    return loaded;
  }
}

/// Headers with which some caches override Cache-Control.
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

/// Adds a member to the response's Vary, which stays a single line.
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

/// Keeps a response for which the session was used out of shared caches, unless the response has
/// cache headers already.
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

/// How a response depends on the session.
enum class response_kind {
  whole,   ///< the session is not used any more
  stream,  ///< the body may use the session later
  error,   ///< an error page, whose function may have used the session
};

/// Drops the handler's lines for what `ours` sets: the cookie of the same name, or, for a header of
/// a transport, all lines of its name. Otherwise it depends on the HTTP library which of the two
/// lines comes last, and so which of them a browser keeps. Returns whether there was one.
template <class Library, class Response>
bool drop_lines_replaced_by(Response& response, const header& ours) {
  const bool is_cookie = same_text(ours.name, "Set-Cookie");
  const std::string_view cookie = name_of_cookie(ours.value);
  bool found = false;
  const auto is_replaced = [&](std::string_view value) {
    return !is_cookie || name_of_cookie(value) == cookie;
  };
  Library::for_each_header(response, ours.name,
                           [&](std::string_view value) { found = found || is_replaced(value); });
  if (!found) return false;
  std::vector<std::string> others;
  Library::for_each_header(response, ours.name, [&](std::string_view value) {
    if (!is_replaced(value)) others.emplace_back(value);
  });
  Library::erase_header(response, ours.name);
  for (const std::string& other : others)
    Library::append_header(response, ours.name, other);
  return true;
}

/// Adds the headers of session_manager::commit() or abandon(). Returns whether a handler's line was
/// dropped for one of them.
template <class Library, class Response>
bool append_headers(Response& response, const std::vector<header>& headers,
                    const session_manager& sessions, response_kind kind) {
  std::for_each(headers.begin(), headers.end(), check_header);
  bool used = kind == response_kind::stream;
  bool dropped = false;
  for (const header& header : headers) {
    if (same_text(header.name, "Vary")) {
      used = true;
    } else if (same_text(header.name, "Cache-Control")) {  // no-store, with a cookie or token
      erase_cache_headers<Library>(response);
      Library::append_header(response, header.name, header.value);
    } else {
      dropped = drop_lines_replaced_by<Library>(response, header) || dropped;
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
  return dropped;
}

}  // namespace scs::http::detail
