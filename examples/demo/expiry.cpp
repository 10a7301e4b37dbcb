// Sessions that end while the visitor watches.

#include <algorithm>
#include <chrono>
#include <string>

#include <scs/clock.hpp>
#include <scs/http/httplib.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "form.hpp"
#include "page.hpp"
#include "site.hpp"

using httplib::Request, httplib::Response;

namespace {

// [use]
void use(scs::session& brief, const Request&, Response& response) {
  brief.put("uses", brief.get_or("uses", 0) + 1);  // the first one begins the session
  see_other(response, "/expiry");
}

void renew(scs::session& brief, const Request&, Response& response) {
  brief.renew();  // a new token, and the lifetime starts again
  see_other(response, "/expiry");
}

void end(scs::session& brief, const Request&, Response& response) {
  brief.destroy();
  see_other(response, "/expiry");
}
// [/use]

std::string ms(std::chrono::nanoseconds duration) {
  return std::to_string(
      std::max<std::int64_t>(0, duration / std::chrono::milliseconds(1)));
}

std::string seconds(std::chrono::nanoseconds duration) {
  return std::to_string(duration / std::chrono::seconds(1));
}

// [look]
page_data times_left(scs::session_manager& brief_sessions, scs::session& brief) {
  page_data data;
  const scs::session_options& options = brief_sessions.options();
  const bool alive = brief.exists("uses");  // every use extends the idle time
  data.set("alive", alive);
  if (alive) {
    const auto left = brief.deadline() - scs::clock::system().now();
    data.set("uses", std::to_string(brief.get_or("uses", 0)));
    data.set("lifetime_left", ms(left));
    data.set("idle_left",
             ms(std::min<std::chrono::nanoseconds>(left, options.idle_timeout)));
  }
  data.set("lifetime", ms(options.lifetime));
  data.set("idle_timeout", ms(options.idle_timeout));
  return data;
}
// [/look]

// [two]
/// A handler with two sessions of two managers.
template <class Handler>
auto with_both(site& site, Handler handler) {
  return [&site, handler](scs::session& session, const Request& request,
                          Response& response) {
    const auto inner = [&](scs::session& brief, const Request&, Response&) {
      handler(session, brief, request, response);
    };
    scs::http::with(site.brief_sessions, inner, friendly)(request, response);
  };
}
// [/two]

}  // namespace

void add_expiry(httplib::Server& server, site& site) {
  const auto with_session = [&site](auto handler) {
    return scs::http::with(site.sessions, handler, friendly);
  };
  // The form's token is in the site's session. The handler changes `brief`.
  const auto brief_form = [&](void (*handler)(scs::session&, const Request&,
                                              Response&)) {
    return with_session(form(
        site, with_both(site, [handler](scs::session&, scs::session& brief,
                                        const Request& request, Response& response) {
          handler(brief, request, response);
        })));
  };
  server.Post("/expiry/use", brief_form(use));
  server.Post("/expiry/renew", brief_form(renew));
  server.Post("/expiry/end", brief_form(end));
  server.Get(
      "/expiry",
      with_session(with_both(site, [&site](scs::session& session, scs::session& brief,
                                           const Request& request,
                                           Response& response) {
        page_data data = times_left(site.brief_sessions, brief);
        data.set("is_over", was_logged_out(site.brief_sessions, brief, request));
        data.set("lifetime_seconds", seconds(site.brief_sessions.options().lifetime));
        data.set("idle_seconds", seconds(site.brief_sessions.options().idle_timeout));
        send_page(session, response,
                  {.name = "expiry", .title = "When a session ends", .data = data});
      })));
}
