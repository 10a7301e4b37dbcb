#pragma once

// The handlers of docs/sessions.md: snippets, as in sessions_test.cpp, which runs them.
// sessions.cpp is a server that has them. To be included by one source of a program.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <buntdb/buntdb.hpp>
#include <scs/error.hpp>
#include <scs/http/httplib.hpp>
#include <scs/nlohmann.hpp>
#include <scs/scs.hpp>

// [names]
using namespace std::chrono_literals;
using httplib::Request, httplib::Response;
// [/names]

// [own type]
struct address {
  std::string street;
  std::string town;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(address, street, town)
// [/own type]

bool password_is_right(const std::string& name, const std::string& password) {
  return !name.empty() && password == "secret of " + name;
}

// [log in]
void log_in(scs::session& session, const Request& request, Response& response) {
  const std::string name = request.get_param_value("name");
  if (!password_is_right(name, request.get_param_value("password"))) {
    response.status = 403;
    return;
  }
  session.set_user(name, request.remote_addr + ", " + request.get_header_value("User-Agent"));
  response.set_redirect("/");
}
// [/log in]

// [who]
void show_account(scs::session& session, const Request&, Response& response) {
  const std::string user = session.user();
  if (user.empty()) {
    response.set_redirect("/login");
    return;
  }
  response.set_content("Hello " + user, "text/plain");
}
// [/who]

// [log out]
void log_out(scs::session& session, const Request&, Response& response) {
  session.destroy();
  response.set_redirect("/");
}
// [/log out]

// [forms]
/// Calls a handler only for forms of our own pages.
template <class Handler>
auto form(Handler handler) {
  return [handler](scs::session& session, const Request& request, Response& response) {
    if (session.allows_change(scs::http::csrf_request_of(request))) {
      handler(session, request, response);
    } else {
      response.status = 403;
    }
  };
}

void show_transfer(scs::session& session, const Request&, Response& response) {
  response.set_content(R"(<form method="post"><input type="hidden" name="csrf_token" value=")" +
                           session.csrf_token() + R"("><button>Send</button></form>)",
                       "text/html");
}
// [/forms]

void count_messages(scs::session& session, const Request&, Response& response) {
  response.set_content(std::to_string(session.get_or("messages", 0)), "text/plain");
}

void use_values(scs::session& session) {
  // [values]
  session.put("theme", "dark");                           // std::string
  session.put("visits", 1);                               // int
  session.put("big", std::int64_t{1} << 60);              // every integer of C++
  session.put("share", 0.5);                              // double
  session.put("seen", std::chrono::system_clock::now());  // time
  session.put("key", scs::bytes(16, std::byte{7}));       // bytes
  session.put("ship to", address{"1 Main St", "Bree"});   // a type of your own

  std::optional<std::string> theme = session.get<std::string>("theme");  // empty if there is none
  int visits = session.get_or("visits", 0);                              // 0 if there is none
  bool known = session.exists("theme");
  std::vector<std::string> keys = session.keys();
  session.remove("theme");
  session.clear();  // all of it
  // [/values]
  if (theme != "dark" || visits != 1 || !known || keys.size() != 7)
    throw std::logic_error("the session does not hold what was put into it");
}

// [flash]
void save_settings(scs::session& session, const Request&, Response& response) {
  session.flash("Your settings were saved.");
  response.set_redirect("/settings", 303);
}

void show_settings(scs::session& session, const Request&, Response& response) {
  std::string page;
  for (const scs::flash_message& message : session.flashes())  // and removes them
    page += message.text + "\n";
  response.set_content(page, "text/plain");
}
// [/flash]

// [remember]
void log_in_and_remember(scs::session& session, const Request& request, Response& response) {
  log_in(session, request, response);
  if (session.user().empty()) return;
  if (request.has_param("remember")) {
    session.remember_me();  // for the manager's lifetime, 30 days for example
  } else {
    session.remember_me(scs::session::remember::until_browser_closes);
    session.set_idle_timeout(30min);
    session.expire_after(12h);
  }
}
// [/remember]

std::string escape_html(const std::string& text) {
  return text;
}

// [devices]
void show_devices(scs::session_manager& sessions, scs::session& session, Response& response) {
  std::string page;
  for (const scs::user_session& device : sessions.sessions_of(session)) {
    page += escape_html(device.where);
    page += device.current ? " (this one)\n" : "\n";
  }
  response.set_content(page, "text/plain");
}

void log_out_device(scs::session_manager& sessions, scs::session& session, const Request& request,
                    Response& response) {
  const std::string text = request.get_param_value("id");
  const bool known = text.size() <= scs::session_id::max_size &&
                     sessions.revoke(session.user(), scs::session_id::from_text(text));
  if (!known) response.status = 404;
}

void change_password(scs::session_manager& sessions, scs::session& session) {
  session.load_fresh();  // bypasses a near cache; throws session_gone if the session has ended
  session.require_login_within(5min);  // otherwise: ask for the old password first
  // … after the new password was stored:
  sessions.revoke_others(session);  // and this session gets a new token
}

void log_out_everywhere(scs::session_manager& sessions, scs::session& session) {
  sessions.revoke_all(session.user());
  session.destroy();  // this browser, too; a later put() begins a new session
}
// [/devices]

// [update]
void count_vote(scs::session& session, const Request&, Response& response) {
  const int votes = session.update<int>(
      "votes", [](std::optional<int> before) { return before.value_or(0) + 1; });
  response.set_content(std::to_string(votes), "text/plain");
}
// [/update]

// [errors]
const scs::http::httplib_options friendly{
    .on_error =
        [](const std::exception_ptr& cause, const Request&, Response& response) {
          const std::error_code code = scs::code_of(cause);
          if (code == scs::errc::session_gone) {  // logged out in another tab
            // Not a redirect: where it leads may find the session gone, too.
            response.set_content("Your session has ended. Log in again at /login.", "text/plain");
          } else if (code == scs::errc::login_required) {
            response.set_content("Please enter your password again at /login.", "text/plain");
          } else {
            response.set_content("Please try again later.", "text/plain");  // the status is set
          }
        },
    .on_failure =
        [](const scs::http::failure& failure) {
          if (failure.code == scs::errc::session_gone) return;  // caused by the visitor
          std::clog << log_line(failure)
                    << '\n';  // session_failed code=scs:6 request="GET /cart" …
        }};
// [/errors]

// [stream]
void stream_report(scs::session& session, const Request&, Response& response) {
  session.put("last report", "today");
  const std::string user = session.user();  // the stream keeps its own copy
  response.set_chunked_content_provider("text/plain", [user](std::size_t, httplib::DataSink& sink) {
    const std::string line = "report of " + user + "\n";
    sink.write(line.data(), line.size());
    sink.done();
    return true;
  });
}
// [/stream]

/// Represents a WebSocket library's connection.
struct chat_connection {
  std::string cookie_header;
  std::string user;
  int status = 0;
  std::vector<scs::header> response_headers;
  bool closed = false;

  std::string request_header(const std::string&) const { return cookie_header; }
  void answer(int code, std::vector<scs::header> headers) {
    status = code;
    response_headers = std::move(headers);
  }
  void close() { closed = true; }
};

// [upgrade]
void accept(scs::session_manager& sessions, chat_connection& connection) {
  scs::session session = sessions.load(connection.request_header("Cookie"));
  connection.user = session.user();
  session.put("chatted", true);
  const std::vector<scs::header> headers = sessions.commit(session);  // before the answer
  connection.answer(connection.user.empty() ? 401 : 101, headers);
}

void receive(scs::session_manager& sessions, chat_connection& connection) {
  scs::session session = sessions.load(connection.request_header("Cookie"));
  if (session.user() != connection.user) {  // logged out meanwhile
    connection.close();
    return;
  }
  session.put("messages", session.get_or("messages", 0) + 1);
  sessions.commit(session);
}
// [/upgrade]

// [merge]
void return_from_payment(scs::session& session, const std::string& kept_token) {
  if (session.merge(kept_token)) session.renew();
}
// [/merge]

// [iterate]
void ask_everybody_to_accept_new_terms(scs::session_manager& sessions) {
  sessions.iterate([](scs::session& session) {
    if (session.user().empty()) {
      session.destroy();
    } else {
      session.put("must accept terms", true);
    }
    return scs::visit::next;
  });
}
// [/iterate]

// [typed keys]
inline constexpr scs::session_key<int> visits_key{"visits"};
inline constexpr scs::session_key<std::string> theme_key{"theme"};

int count_visit(scs::session& session) {
  session.put(visits_key, session.get_or(visits_key, 0) + 1);
  if (!session.exists(theme_key)) session.put(theme_key, "dark");
  return session.update(visits_key, [](std::optional<int> n) { return n.value_or(0) + 1; });
}
// [/typed keys]

// [count]
std::string figures(scs::session_manager& sessions) {
  const std::optional<std::uint64_t> all = sessions.count();  // empty: the store cannot tell
  return "sessions " + (all ? std::to_string(*all) : "unknown") + "\nof ann " +
         std::to_string(sessions.count("ann")) + "\n";
}
// [/count]

// [close sockets]
/// Connections that stay open as long as their session lives, by its id; there may be several tabs.
using open_sockets = std::multimap<std::string, std::function<void()>>;

/// Call it in the thread that has the sockets, when watch_options::on_change has woken it.
void close_ended(buntdb::subscription& changes, open_sockets& sockets) {
  while (const std::optional<buntdb::change> change = changes.try_next()) {
    if (change->kind == buntdb::change_kind::set) continue;  // the session has changed, not ended
    const bool unknown = change->kind == buntdb::change_kind::missed;
    for (auto at = sockets.begin(); at != sockets.end();) {
      const bool ends = unknown || at->first == change->key;
      if (ends) at->second();
      at = ends ? sockets.erase(at) : std::next(at);
    }
  }
}
// [/close sockets]
