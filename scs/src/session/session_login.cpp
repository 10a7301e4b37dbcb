// The time of the login, and checks whether a request comes from the visitor.

#include <string>

#include <openssl/crypto.h>

#include <scs/error.hpp>
#include <scs/store/request_time.hpp>
#include <scs/token.hpp>
#include <scs/value.hpp>

#include "basics/times.hpp"
#include "session/session_state.hpp"

namespace scs::detail {

std::optional<time_point> session_state::authenticated_at() {
  use();
  if (const auto* change = data_.changes.user()) {
    return change->user.empty() ? std::nullopt : std::optional(change->created);
  }
  if (data_.user().empty()) return std::nullopt;
  return data_.loaded.contents().created;
}

void session_state::require_login_within(std::chrono::nanoseconds age) {
  const std::optional<time_point> login = authenticated_at();
  if (login && time_between(*login, data_.core.now()) <= age) return;
  throw error(errc::login_required,
              login ? "the login of this session is too long ago for this" : "nobody is logged in");
}

/// Returns an empty string if there is none.
std::string session_state::stored_csrf_token() {
  const std::optional<std::string_view> json = data_.find(session::csrf_key);
  if (!json) return {};
  return value_traits<std::string>::from_json(*json).value_or("");
}

std::string session_state::csrf_token() {
  use();
  if (std::string known = stored_csrf_token(); !known.empty()) return known;
  if (!data_.loaded.live() && !data_.changes.puts_something()) return {};
  const token random = token::generate();
  const std::string fresh = value_traits<std::string>::to_json(random.text());
  ++change_count_;
  if (data_.loaded.live() && !data_.changes.renews()) {
    const request_time_scope timed{data_.store_time};
    // Stored immediately: otherwise two pages that are made concurrently would contain two
    // different tokens.
    const auto keep_or_add = [&](std::optional<std::string_view> present) {
      const bool is_token = present && value_traits<std::string>::from_json(*present);
      return is_token ? std::string{*present} : fresh;
    };
    const queue_place place{*this};
    if (storage_.update(session::csrf_key, {keep_or_add, json_source::this_library})) {
      updated_ = has_begun_ = true;
    }
  } else {
    data_.put(session::csrf_key, fresh);  // nobody else knows the new session yet
  }
  return stored_csrf_token();
}

bool session_state::allows_change(const csrf_request& request) {
  if (is_safe_method(request.method) || data_.core.options().transport) return true;
  use();
  bool allowed = false;
  if (data_.loaded.live()) {
    const std::string expected = stored_csrf_token();
    allowed = !expected.empty() && expected.size() == request.token.size() &&
              CRYPTO_memcmp(expected.data(), request.token.data(), expected.size()) == 0;
  } else {
    allowed = request_is_same_origin(request, data_.core.options().trusted_origins);
  }
  if (!allowed) data_.report(event_kind::cross_site_refused, data_.loaded.id());
  return allowed;
}

}  // namespace scs::detail
