#pragma once

#include <string>

#include <httplib.h>

#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "site.hpp"

// Forms that only our own pages can send. Each contains the session's token, which
// another site can neither read nor guess. If a visitor has no session, the browser's
// headers say where the form comes from.

/// Answers a request that comes from another site, or after the session's end.
/// Returns true in that case, and nothing was done.
bool refuse_form(scs::session_manager& sessions, scs::session& session,
                 const httplib::Request& request, httplib::Response& response);

/// Wraps a handler so that it is called only for our own forms:
///
///     server.Post("/count", scs::http::with(sessions, form(site, count_one_more)));
template <class Handler>
auto form(site& site, Handler handler) {
  return [&sessions = site.sessions, handler](scs::session& session,
                                              const httplib::Request& request,
                                              httplib::Response& response) {
    if (refuse_form(sessions, session, request, response)) return;
    handler(session, request, response);
  };
}

/// Whether the visitor has the cookie of a session that does not exist any more: it
/// has ended by itself, or was ended from another device.
bool was_logged_out(scs::session_manager& sessions, scs::session& session,
                    const httplib::Request& request);
