#include "site.hpp"

#include <chrono>
#include <iostream>
#include <map>

#include <scs/http/httplib.hpp>

#include "pages.hpp"

namespace {

using namespace std::chrono_literals;
using httplib::Request, httplib::Response;

/// The users who may log in. A real site stores salted and slow hashes of passwords instead.
bool is_password_of(const std::string& user, const std::string& password) {
  static const std::map<std::string, std::string> passwords{{"ann", "apple"}, {"bob", "banana"}};
  const auto found = passwords.find(user);
  return found != passwords.end() && found->second == password;
}

void show(Response& response, const std::string& html) {
  response.set_content(html, "text/html; charset=utf-8");
}

const scs::http::httplib_options friendly{
    .on_error =
        [](const std::exception_ptr& cause, const Request&, Response& response) {
          const bool ended = scs::code_of(cause) == scs::errc::session_gone;
          show(response, ended ? "Your session has ended. <a href=/>Log in again</a>."
                               : "Something went wrong. Please try again.");
        },
    .on_failure =
        [](const scs::http::failure& failure) { std::cerr << log_line(failure) << '\n'; }};

class site {
 public:
  site(scs::session_manager& sessions, todo_list& todos) : sessions_(sessions), todos_(todos) {}

  void home(scs::session& session, Response& response) const {
    const std::string user = session.user();
    show(response, user.empty() ? login_page(session) : list_page(session, todos_.of(user)));
  }

  void devices(scs::session& session, Response& response) const {
    if (session.user().empty()) return response.set_redirect("/");
    show(response, devices_page(session, sessions_.sessions_of(session)));
  }

  void log_in(scs::session& session, const Request& request) const {
    const std::string user = request.get_param_value("user");
    if (!is_password_of(user, request.get_param_value("password"))) {
      session.flash("That is not the password.");
      return;
    }
    session.set_user(user, request.get_header_value("User-Agent") + " at " + request.remote_addr);
    if (request.has_param("remember")) {
      session.remember_me();  // for the lifetime, 30 days
    } else {
      session.remember_me(scs::session::remember::until_browser_closes);
      session.set_idle_timeout(30min);
      session.expire_after(12h);
    }
    session.flash("Welcome, " + user + ".");
  }

  void log_out(scs::session& session, const Request&) const { session.destroy(); }

  void add(scs::session& session, const Request& request) const {
    const std::string text = request.get_param_value("text"), due = request.get_param_value("due");
    if (text.empty() || text.size() > 1000 || due.size() > 10)
      return session.flash("An item needs a text of at most 1,000 bytes, and a date.");
    try {
      todos_.add(session.user(), {text, due});
      session.flash("Added: " + text);
    } catch (const nlohmann::json::exception&) {
      session.flash("The text is not UTF-8.");
    }
  }

  void toggle(scs::session& session, const Request& request) const {
    if (!todos_.toggle(session.user(), request.get_param_value("key")))
      session.flash("There is no such item.");
  }

  void remove(scs::session& session, const Request& request) const {
    const bool there = todos_.remove(session.user(), request.get_param_value("key"));
    session.flash(there ? "Deleted." : "There is no such item.");
  }

  void end_device(scs::session& session, const Request& request) const {
    const auto id = scs::session_id::from_text(request.get_param_value("id").substr(0, 63));
    const bool there = sessions_.revoke(session.user(), id);
    session.flash(there ? "That device is logged out." : "That device had ended before.");
  }

  void end_others(scs::session& session, const Request&) const {
    session.flash("Ended: " + std::to_string(sessions_.revoke_others(session)) + " others.");
  }

 private:
  scs::session_manager& sessions_;
  todo_list& todos_;
};

}  // namespace

void add_site(httplib::Server& server, scs::session_manager& sessions, todo_list& todos) {
  const site pages(sessions, todos);
  server.set_payload_max_length(65'536);
  server.set_pre_routing_handler(scs::http::refuse_uncounted_bodies);
  const auto get = [&](const char* path, void (site::*handler)(scs::session&, Response&) const) {
    server.Get(path,
               scs::http::with(
                   sessions,
                   [pages, handler](scs::session& session, const Request&, Response& response) {
                     (pages.*handler)(session, response);
                   },
                   friendly));
  };
  // Changes something only for our own forms, sent by a user who is logged in. Then it redirects to
  // a page that shows the result, so that a reload does not repeat the change.
  const auto post = [&](const char* path,
                        void (site::*handler)(scs::session&, const Request&) const,
                        const char* next, bool needs_user = true) {
    server.Post(path, scs::http::with(
                          sessions,
                          [=](scs::session& session, const Request& request, Response& response) {
                            if (!session.allows_change(scs::http::csrf_request_of(request))) {
                              response.status = 403;
                              return show(response,
                                          page(session, "This form is not from here", ""));
                            }
                            if (!needs_user || !session.user().empty())
                              (pages.*handler)(session, request);
                            response.set_redirect(next, 303);
                          },
                          friendly));
  };
  get("/", &site::home);
  get("/devices", &site::devices);
  post("/login", &site::log_in, "/", false);
  post("/add", &site::add, "/");
  post("/toggle", &site::toggle, "/");
  post("/delete", &site::remove, "/");
  post("/devices/end", &site::end_device, "/devices");
  post("/devices/end-others", &site::end_others, "/devices");
  post("/logout", &site::log_out, "/");
}
