#pragma once

#include <string>

#include <httplib.h>

#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "site.hpp"

// Forms that only our own pages can send: each carries a token that is kept in the
// session, which another site can neither read nor guess.

/// The token for this visitor's forms; made when it is first needed.
std::string form_token(scs::session& session);

/// Forgets it, so that the next page gets a new one: to be called together with
/// renew().
void forget_form_token(scs::session& session);

/// Whether the request carries the session's token.
bool form_is_ours(scs::session& session, const httplib::Request& request);

/// Answers a request without it: nothing was done.
void refuse_form(scs::session_manager& sessions, scs::session& session,
                 const httplib::Request& request, httplib::Response& response);

/// Wraps a handler, so that it is called for our own forms only:
///
///     server.Post("/count", scs::http::with(sessions, form(site, count_one_more)));
template <class Handler>
auto form(site& site, Handler handler) {
  return [&sessions = site.sessions, handler](scs::session& session,
                                              const httplib::Request& request,
                                              httplib::Response& response) {
    if (form_is_ours(session, request)) {
      handler(session, request, response);
    } else {
      refuse_form(sessions, session, request, response);
    }
  };
}

/// Whether the visitor comes with the cookie of a session that is no more: it has
/// ended by itself, or was ended from another device.
bool was_logged_out(scs::session_manager& sessions, scs::session& session,
                    const httplib::Request& request);
