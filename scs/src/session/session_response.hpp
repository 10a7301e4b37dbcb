#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scs/header.hpp>
#include <scs/payload.hpp>

#include "manager/manager_core.hpp"
#include "session/loaded_session.hpp"

namespace scs::detail {

/// A Set-Cookie header's value for the cookie that the options name.
std::string cookie_line(const manager_core& core, std::string_view value, const payload& contents);

/// What the response has to say of a request's session.
class session_response {
 public:
  /// The response depends on the cookie.
  void depends_on_session() noexcept { session_was_used_ = true; }
  /// The browser must be given the session's cookie: when it ends has changed, or its value.
  void send_cookie() noexcept { cookie_is_due_ = true; }
  /// The same, and a token to a client that keeps it otherwise.
  void send_token() noexcept { cookie_is_due_ = token_is_new_ = true; }
  /// The browser must forget the session.
  void clear_cookie() noexcept;

  /// The headers to append, which are said once. `token` is what the browser is given: none if it
  /// is empty.
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
