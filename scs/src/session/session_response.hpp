#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scs/header.hpp>
#include <scs/payload.hpp>

#include "manager/manager_core.hpp"
#include "session/loaded_session.hpp"

namespace scs::detail {

/// Returns the value of a Set-Cookie header for the cookie that the options name.
std::string cookie_line(const manager_core& core, std::string_view value, const payload& contents);

/// What the response must contain about a request's session.
class session_response {
 public:
  /// The response depends on the cookie.
  void depends_on_session() noexcept { session_was_used_ = true; }
  /// The browser must get the session's cookie, because its value or its end has changed.
  void send_cookie() noexcept { cookie_is_due_ = true; }
  /// The same, and a client that keeps the token itself must get the token.
  void send_token() noexcept { cookie_is_due_ = token_is_new_ = true; }
  /// The browser must drop the cookie.
  void clear_cookie() noexcept;

  /// Returns the headers to append. They are returned once. `token` is sent to the browser, unless
  /// it is empty.
  std::vector<header> take_headers(const manager_core& core, loaded_session& session,
                                   std::string_view token);

 private:
  void append_token_header(std::vector<header>& headers, const manager_core& core,
                           const loaded_session& session, std::string_view token) const;
  void append_cookie(std::vector<header>& headers, const manager_core& core,
                     loaded_session& session, std::string_view token) const;

  bool session_was_used_ = false;
  bool cookie_is_due_ = false;
  bool token_is_new_ = false;
  bool clearing_is_due_ = false;
};

}  // namespace scs::detail
