#include "form.hpp"

#include <scs/http/httplib.hpp>

#include "page.hpp"

bool was_logged_out(scs::session_manager& sessions, scs::session& session,
                    const httplib::Request& request) {
  if (!session.id().empty()) return false;
  const std::string cookies = "; " + request.get_header_value("Cookie");
  return cookies.find("; " + sessions.cookie_name() + "=") != std::string::npos;
}

// [form token]
bool refuse_form(scs::session_manager& sessions, scs::session& session,
                 const httplib::Request& request, httplib::Response& response) {
  // Each form of our pages has a hidden field with session.csrf_token().
  if (!session.allows_change(scs::http::csrf_request_of(request, "form_token"))) {
    response.status = 403;
    send_problem(
        response, "This form is not from here",
        "It did not carry the token that this site's forms carry, so nothing was "
        "changed. Your browser must accept cookies; or the form was open for too "
        "long.");
    return true;
  }
  if (was_logged_out(sessions, session, request)) {
    flash(session, "This browser's session has ended, so nothing was changed.");
    see_other(response, "/login");
    return true;
  }
  return false;
}
// [/form token]
