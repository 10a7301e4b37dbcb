#include "form.hpp"

#include <optional>

#include <openssl/crypto.h>

#include <scs/token.hpp>

#include "page.hpp"

namespace {

constexpr const char* key = "form token";

}  // namespace

// [form token]
std::string form_token(scs::session& session) {
  if (const auto token = session.get<std::string>(key)) return *token;
  const scs::token random = scs::token::generate();
  // Two tabs may ask for it at the same time: update() gives both the same one.
  return session.update<std::string>(
      key, [&](const std::optional<std::string>& before) {
        return before.value_or(std::string(random.text()));
      });
}

bool form_is_ours(scs::session& session, const httplib::Request& request) {
  const std::string expected = session.get<std::string>(key).value_or("");
  const std::string sent = request.get_param_value("form_token");
  return !expected.empty() && sent.size() == expected.size() &&
         CRYPTO_memcmp(sent.data(), expected.data(), sent.size()) == 0;
}
// [/form token]

void forget_form_token(scs::session& session) {
  session.remove(key);
}

bool was_logged_out(scs::session_manager& sessions, scs::session& session,
                    const httplib::Request& request) {
  if (!session.id().empty()) return false;
  const std::string cookies = "; " + request.get_header_value("Cookie");
  return cookies.find("; " + sessions.cookie_name() + "=") != std::string::npos;
}

void refuse_form(scs::session_manager& sessions, scs::session& session,
                 const httplib::Request& request, httplib::Response& response) {
  if (was_logged_out(sessions, session, request)) {
    flash(session, "This browser's session has ended, so nothing was changed.");
    return see_other(response, "/login");
  }
  response.status = 403;
  send_problem(
      response, "This form is not from here",
      "It did not carry the token that this site's forms carry, so nothing was "
      "changed. "
      "Your browser must accept cookies; or the form was open for too long.");
}
