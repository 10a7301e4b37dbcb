#pragma once

#include <string>

#include <httplib.h>

#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "site.hpp"

// Forms that only our own pages can send: each carries the session's token, which
// another site can neither read nor guess. Of a visitor without a session, the
// browser says where the form comes from.

/// Answers a request that came from elsewhere, or after the session's end, and
/// returns true: nothing was done.
bool refuse_form(scs::session_manager& sessions, scs::session& session,
                 const httplib::Request& request, httplib::Response& response);

/// Wraps a handler, so that it is called for our own forms only:
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

/// Whether the visitor comes with the cookie of a session that is no more: it has
/// ended by itself, or was ended from another device.
bool was_logged_out(scs::session_manager& sessions, scs::session& session,
                    const httplib::Request& request);
