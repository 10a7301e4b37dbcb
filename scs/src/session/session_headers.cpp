#include <algorithm>
#include <utility>

#include "session/session_state.hpp"

namespace scs::detail {

namespace {

/// What browsers keep a cookie for at most.
constexpr std::chrono::seconds max_cookie_age = std::chrono::hours{24 * 400};

}  // namespace

std::vector<header> session_state::response_headers() {
  std::vector<header> headers;
  if (core_.options().transport) {
    append_token_header(headers);
  } else if (auto cookie = cookie_to_set()) {
    headers.reserve(3);
    headers.push_back({"Set-Cookie", std::move(*cookie)});
    headers.push_back({"Cache-Control", "no-store"});
  }
  if (used_ || !headers.empty()) {
    for (const std::string& name : core_.request_header_names())
      headers.push_back({"Vary", name});
  }
  cookie_is_due_ = false;
  token_is_new_ = false;
  clearing_is_due_ = false;
  return headers;
}

void session_state::append_token_header(std::vector<header>& headers) const {
  std::string value;
  if (token_is_new_ && kind_ == kind::live) {
    value = token_->text();
  } else if (!clearing_is_due_) {
    return;
  }
  headers.push_back({core_.options().transport->name, std::move(value)});
  headers.push_back({"Cache-Control", "no-store"});
}

std::optional<std::string> session_state::cookie_to_set() {
  if (!cookie_is_due_ && !clearing_is_due_) return std::nullopt;  // mostly: not a look at the clock
  const bool has_value = client_ || token_;
  if (cookie_is_due_ && kind_ == kind::live && has_value && base().deadline > core_.now()) {
    return cookie_with(client_ ? client_->value : token_->text(), base());
  }
  if (clearing_is_due_) {
    set_cookie cookie = bare_cookie();
    cookie.expires = time_point{std::chrono::seconds{1}};  // as Go does; 0 is none in some browsers
    cookie.max_age = std::chrono::seconds{0};
    return to_header_value(cookie);
  }
  return std::nullopt;
}

set_cookie session_state::bare_cookie() const {
  const cookie_options& options = core_.options().cookie;
  return {.name = options.name,
          .path = options.path,
          .domain = options.domain,
          .http_only = options.http_only,
          .secure = options.secure,
          .same_site = options.same_site,
          .partitioned = options.partitioned};
}

std::string session_state::cookie_with(std::string_view value, const payload& contents) const {
  set_cookie cookie = bare_cookie();
  cookie.value = value;
  if (contents.remember_me.value_or(core_.options().cookie.persist)) {
    const time_point now = core_.now();
    // Rounded up: the server ends the session, not the browser.
    const auto age = std::chrono::ceil<std::chrono::seconds>(contents.deadline - now);
    cookie.max_age = std::min(age, max_cookie_age);
    // The smaller one first: rounding up the last moment that there is would overflow.
    cookie.expires =
        std::chrono::ceil<std::chrono::seconds>(std::min(contents.deadline, now + max_cookie_age));
  }
  return to_header_value(cookie);
}

}  // namespace scs::detail
