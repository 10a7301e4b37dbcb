#include "session/session_response.hpp"

#include <algorithm>
#include <utility>

#include "basics/times.hpp"
#include "headers/cookie.hpp"

namespace scs::detail {

namespace {

/// The longest time for which browsers keep a cookie.
constexpr std::chrono::seconds max_cookie_age = std::chrono::hours{24 * 400};

set_cookie bare_cookie(const cookie_options& options) {
  return {.name = options.name,
          .path = options.path,
          .domain = options.domain,
          .http_only = options.http_only,
          .secure = options.secure,
          .same_site = options.same_site,
          .partitioned = options.partitioned};
}

std::string clearing_cookie_line(const cookie_options& options) {
  set_cookie cookie = bare_cookie(options);
  cookie.expires = time_point{std::chrono::seconds{1}};  // as in Go; some browsers ignore 0
  cookie.max_age = std::chrono::seconds{0};
  return to_header_value(cookie);
}

}  // namespace

std::string cookie_line(const manager_core& core, std::string_view value, const payload& contents) {
  set_cookie cookie = bare_cookie(core.options().cookie);
  cookie.value = value;
  if (contents.remember_me.value_or(core.options().cookie.persist)) {
    const time_point now = core.now();
    // Rounded up, so that the server ends the session, not the browser.
    const auto age = std::chrono::ceil<std::chrono::seconds>(
        std::min<std::chrono::nanoseconds>(time_between(now, contents.deadline), max_cookie_age));
    cookie.max_age = age;
    // The minimum is taken first: rounding up the greatest possible time would overflow.
    cookie.expires = std::chrono::ceil<std::chrono::seconds>(
        std::min(contents.deadline, later(now, max_cookie_age)));
  }
  return to_header_value(cookie);
}

void session_response::clear_cookie() noexcept {
  session_was_used_ = true;
  clearing_is_due_ = true;
  cookie_is_due_ = false;
  token_is_new_ = false;
}

std::vector<header> session_response::take_headers(const manager_core& core,
                                                   loaded_session& session,
                                                   std::string_view token) {
  std::vector<header> headers;
  if (core.options().transport) {
    append_token_header(headers, core, session, token);
  } else if (cookie_is_due_ || clearing_is_due_) {  // usually false: no clock is read
    append_cookie(headers, core, session, token);
  }
  if (clearing_is_due_ && core.options().clears_browser_cache) {
    headers.push_back({"Clear-Site-Data", R"("cache")"});
  }
  if (session_was_used_ || !headers.empty()) {
    for (const std::string& name : core.request_header_names())
      headers.push_back({"Vary", name});
  }
  cookie_is_due_ = false;
  token_is_new_ = false;
  clearing_is_due_ = false;
  return headers;
}

void session_response::append_token_header(std::vector<header>& headers, const manager_core& core,
                                           const loaded_session& session,
                                           std::string_view token) const {
  std::string value;
  if (token_is_new_ && session.live()) {
    value = token;
  } else if (!clearing_is_due_) {
    return;
  }
  headers.push_back({core.options().transport->name, std::move(value)});
  headers.push_back({"Cache-Control", "no-store"});
}

void session_response::append_cookie(std::vector<header>& headers, const manager_core& core,
                                     loaded_session& session, std::string_view token) const {
  std::string line;
  if (cookie_is_due_ && session.live() && !token.empty() &&
      session.contents().deadline > core.now()) {
    line = cookie_line(core, token, session.contents());
  } else if (clearing_is_due_) {
    line = clearing_cookie_line(core.options().cookie);
  } else {
    return;
  }
  headers.reserve(4);
  headers.push_back({"Set-Cookie", std::move(line)});
  headers.push_back({"Cache-Control", "no-store"});
}

}  // namespace scs::detail
