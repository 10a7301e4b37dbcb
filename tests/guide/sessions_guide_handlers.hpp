#pragma once

// What the handlers of docs/sessions.md do: snippets, as in sessions_guide_test.cpp, which runs
// them.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

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

namespace {

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
/// Calls a handler only for what our own pages send.
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
  EXPECT_TRUE(theme == "dark" && visits == 1 && known && keys.size() == 7);
}

// [flash]
void save_settings(scs::session& session, const Request&, Response& response) {
  session.put("flash", "Your settings were saved.");
  response.set_redirect("/settings");
}

void show_settings(scs::session& session, const Request&, Response& response) {
  const std::string flash = session.pop<std::string>("flash").value_or("");  // and it is gone
  response.set_content(flash, "text/plain");
}
// [/flash]

// [remember]
void log_in_and_remember(scs::session& session, const Request& request, Response& response) {
  log_in(session, request, response);
  if (session.user().empty()) return;
  session.remember_me(request.has_param("remember") ? scs::session::remember::until_deadline
                                                    : scs::session::remember::until_browser_closes);
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
  session.load_fresh();  // past a near cache; throws session_gone if the session has ended
  session.require_login_within(5min);  // otherwise: ask for the old password first
  // … after the new password was stored:
  sessions.revoke_others(session);  // and this session gets a new token
}

void log_out_everywhere(scs::session_manager& sessions, scs::session& session) {
  sessions.revoke_all(session.user());
  session.destroy();  // this browser, too: what is put from here on begins a new session
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
          try {
            std::rethrow_exception(cause);
          } catch (const scs::error& failure) {
            if (failure.code() == scs::errc::session_gone) {  // logged out in another tab
              // Not a redirect: where it leads may find the session gone, too.
              response.set_content("Your session has ended. Log in again at /login.", "text/plain");
              return;
            }
            if (failure.code() == scs::errc::login_required) {
              response.set_content("Please enter your password again at /login.", "text/plain");
              return;
            }
          } catch (...) {
          }
          response.set_content("Please try again later.", "text/plain");  // the status is set
        },
    .on_failure =
        [](const scs::http::failure& failure) {
          try {
            if (failure.cause) std::rethrow_exception(failure.cause);
          } catch (const std::exception& problem) {
            std::clog << "request failed: " << problem.what() << '\n';
          }
        }};
// [/errors]

// [stream]
void stream_report(scs::session& session, const Request&, Response& response) {
  session.put("last report", "today");
  const std::string user = session.user();  // what the stream needs to know, it takes along
  response.set_chunked_content_provider("text/plain", [user](std::size_t, httplib::DataSink& sink) {
    const std::string line = "report of " + user + "\n";
    sink.write(line.data(), line.size());
    sink.done();
    return true;
  });
}
// [/stream]

/// Stands for a WebSocket library's connection.
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

}  // namespace
