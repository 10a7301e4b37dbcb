// Logging in and out, and the list of devices: "Your sessions".

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include <scs/http/httplib.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "browser_name.hpp"
#include "form.hpp"
#include "page.hpp"
#include "site.hpp"
#include "times.hpp"

using httplib::Request, httplib::Response;

namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 3> users{"ada", "lin", "tom"};

/// A real site compares with a slow, salted hash of the password.
bool password_is_right(const std::string& user, const std::string& password) {
  return std::find(users.begin(), users.end(), user) != users.end() &&
         password == "demo";
}

/// Enough of a session's id to distinguish it from others. The id is not a secret: no
/// token can be computed from it.
std::string short_id(const scs::session_id& id) {
  return std::string(id.text().substr(0, 10));
}

enum class attempt { first, wrong };

void show_login(scs::session& session, Response& response, const std::string& user,
                attempt which) {
  if (which == attempt::wrong) response.status = 403;
  page_data data;
  data.set("name", user);
  data.set("is_wrong", which == attempt::wrong);
  send_page(session, response, {.name = "login", .title = "Log in", .data = data});
}

// [log in]
void log_in(scs::session& session, const Request& request, Response& response) {
  const std::string user = request.get_param_value("user");
  if (!password_is_right(user, request.get_param_value("password"))) {
    return show_login(session, response, user, attempt::wrong);
  }
  session.put("id before", short_id(session.id()));
  // Sets a new token: one that somebody knew before is worthless now.
  session.set_user(user, browser_name(request.get_header_value("User-Agent")));

  const bool remember = request.has_param("remember");
  session.remember_me(remember ? scs::session::remember::until_deadline
                               : scs::session::remember::until_browser_closes);
  session.put("remembered", remember);
  flash(session, "Hello " + user + ", you are logged in.");
  see_other(response, "/account");
}
// [/log in]

// [log out]
void log_out(scs::session& session, const Request&, Response& response) {
  session.destroy();
  flash(session, "You are logged out.");  // in a new session, with a new token
  see_other(response, "/login");
}
// [/log out]

// [devices]
kainjow::mustache::list devices(scs::session_manager& sessions,
                                scs::session& session) {
  kainjow::mustache::list list;
  for (const scs::user_session& device : sessions.sessions_of(session)) {
    page_data row;
    row.set("id", std::string(device.id.text()));
    row.set("browser", device.where);
    row.set("created", ago(device.created));
    row.set("created_iso", iso(device.created));
    row.set("last_seen", device.current ? "now" : ago(device.last_seen));
    row.set("last_seen_iso", iso(device.last_seen));
    row.set("this_one", device.current);
    list.push_back(row);
  }
  return list;
}
// [/devices]

// [revoke]
void log_out_device(scs::session_manager& sessions, scs::session& session,
                    const Request& request, Response& response) {
  const std::string text = request.get_param_value("id");
  scs::session_id id;
  if (text.size() <= scs::session_id::max_size) id = scs::session_id::from_text(text);
  if (id == session.id()) return log_out(session, request, response);

  session.require_login_within(15min);
  const bool ended = sessions.revoke(session.user(), id);  // if it is this user's
  flash(session,
        ended ? "That browser is logged out." : "That session has ended already.");
  see_other(response, "/account");
}

void log_out_others(scs::session_manager& sessions, scs::session& session,
                    const Request&, Response& response) {
  session.require_login_within(15min);
  const std::size_t ended = sessions.revoke_others(session);
  flash(session, "Sessions that were ended: " + std::to_string(ended));
  see_other(response, "/account");
}
// [/revoke]

void show_account(scs::session_manager& sessions, scs::session& session,
                  const Request&, Response& response) {
  page_data data;
  const kainjow::mustache::list list = devices(sessions, session);
  data.set("devices", list);
  data.set("has_others", list.size() > 1);
  const std::string before = session.get<std::string>("id before").value_or("");
  data.set("id_before", before);
  data.set("had_session", !before.empty());
  data.set("id_now", short_id(session.id()));
  data.set("remembered", session.get_or("remembered", false));
  data.set("deadline", in_words(session.deadline() - scs::clock::system().now()));
  send_page(session, response,
            {.name = "account", .title = "Your sessions", .data = data});
}

// [who is it]
/// Calls a handler of the account only for visitors who are logged in.
template <class Handler>
auto for_users(site& site, Handler handler) {
  return [&site, handler](scs::session& session, const Request& request,
                          Response& response) {
    if (!session.user().empty()) {
      return handler(site.sessions, session, request, response);
    }
    if (was_logged_out(site.sessions, session, request)) {
      flash(session, "This browser was logged out: its session has ended.");
    }
    see_other(response, "/login");
  };
}
// [/who is it]

}  // namespace

void add_account(httplib::Server& server, site& site) {
  const auto with_session = [&site](auto handler) {
    return scs::http::with(site.sessions, handler, friendly);
  };
  server.Get("/login", with_session([](scs::session& session, const Request&,
                                       Response& response) {
               if (!session.user().empty()) return see_other(response, "/account");
               show_login(session, response, "tom", attempt::first);
             }));
  server.Post("/login", with_session(form(site, log_in)));
  server.Post("/logout", with_session(form(site, log_out)));
  server.Get("/account", with_session(for_users(site, show_account)));
  server.Post("/account/revoke",
              with_session(form(site, for_users(site, log_out_device))));
  server.Post("/account/revoke-others",
              with_session(form(site, for_users(site, log_out_others))));
}
