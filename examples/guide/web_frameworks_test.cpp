// The snippets of docs/coming-from-web-frameworks.md, which page_test.cpp compares with the page,
// and tests that run them.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include <scs/http/httplib_install.hpp>
#include <scs/nlohmann.hpp>
#include <scs/scs.hpp>
#include <scs/stores/memory.hpp>

#include "raw_http.hpp"

namespace {

using httplib::Request, httplib::Response;

std::map<std::string, std::string>& passwords() {
  static std::map<std::string, std::string> all;
  return all;
}

bool password_is_right(const std::string& name, const std::string& password) {
  const auto found = passwords().find(name);
  return found != passwords().end() && found->second == password;
}

void set_password(const std::string& name, const std::string& password) {
  passwords()[name] = password;
}

// [django]
void change_password(scs::session_manager& sessions, scs::session& session, const Request& request,
                     Response& response) {
  const std::string user = session.user();
  if (!password_is_right(user, request.get_param_value("old"))) {
    response.status = 403;
    return;
  }
  set_password(user, request.get_param_value("new"));
  sessions.revoke_others(session);
  response.set_redirect("/");
}
// [/django]

// [spring]
void end_device(scs::session_manager& sessions, scs::session& session, const Request& request,
                Response& response) {
  sessions.revoke(session.user(), scs::session_id::from_text(request.get_param_value("id")));
  response.set_redirect("/devices");
}
// [/spring]

// [php]
void add_to_cart(scs::session& session, const Request& request, Response& response) {
  using articles = std::vector<std::string>;
  session.update<articles>("cart", [&](std::optional<articles> cart) {
    if (!cart) cart.emplace();
    cart->push_back(request.get_param_value("article"));
    return *cart;
  });
  response.set_redirect("/cart");
}
// [/php]

/// A site with these handlers.
class web_frameworks : public testing::Test {
 protected:
  web_frameworks() {
    passwords() = {{"ada", "old"}, {"lin", "lins"}};
    scs::http::install(server, sessions);
    add_handlers();
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running())
      std::this_thread::yield();
  }
  ~web_frameworks() override {
    server.stop();
    thread.join();
  }

  void add_handlers() {
    // [express]
    server.Post("/login", [](const Request& request, Response& response) {
      const std::string name = request.get_param_value("name");
      if (!password_is_right(name, request.get_param_value("password"))) {
        response.status = 403;
        return;
      }
      scs::http::session_of(request).set_user(name);
      response.set_redirect("/");
    });
    // [/express]
    server.Post("/password", [this](const Request& request, Response& response) {
      change_password(sessions, scs::http::session_of(request), request, response);
    });
    server.Post("/end", [this](const Request& request, Response& response) {
      end_device(sessions, scs::http::session_of(request), request, response);
    });
    server.Post("/cart", [](const Request& request, Response& response) {
      add_to_cart(scs::http::session_of(request), request, response);
    });
    server.Get("/who", [](const Request& request, Response& response) {
      response.set_content(scs::http::session_of(request).user(), "text/plain");
    });
    server.Get("/cart", [](const Request& request, Response& response) {
      const auto cart = scs::http::session_of(request).get<std::vector<std::string>>("cart");
      response.set_content(nlohmann::json(cart.value()).dump(), "text/plain");
    });
  }

  /// Sends a form, or asks for a page; keeps the cookie.
  http_response send(std::string& cookie, const std::string& method, const std::string& target,
                     const std::string& form = "") const {
    const std::string lines = "Content-Type: application/x-www-form-urlencoded\r\n" +
                              (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n");
    http_response response = http_connection(port).request(method, target, lines, form);
    for (const std::string& set : response.all("Set-Cookie"))
      cookie = set.substr(0, set.find(';'));
    return response;
  }

  std::string log_in(const std::string& name, const std::string& password) const {
    std::string cookie;
    EXPECT_EQ(send(cookie, "POST", "/login", "name=" + name + "&password=" + password).status, 302);
    return cookie;
  }

  scs::session_manager sessions{std::make_unique<scs::stores::memory>(),
                                {.cookie = {.secure = false}}};
  httplib::Server server;
  int port = 0;
  std::thread thread;
};

TEST_F(web_frameworks, log_in_as_express_does) {
  std::string cookie;
  EXPECT_EQ(send(cookie, "POST", "/login", "name=ada&password=wrong").status, 403);
  EXPECT_EQ(cookie, "");
  cookie = log_in("ada", "old");
  EXPECT_EQ(send(cookie, "GET", "/who").body, "ada");
}

TEST_F(web_frameworks, change_a_password_as_django_does) {
  std::string here = log_in("ada", "old");
  std::string there = log_in("ada", "old");
  EXPECT_EQ(send(here, "POST", "/password", "old=wrong&new=new").status, 403);
  EXPECT_EQ(send(here, "POST", "/password", "old=old&new=new").status, 302);
  EXPECT_EQ(send(here, "GET", "/who").body, "ada");
  EXPECT_EQ(send(there, "GET", "/who").body, "");
  std::string cookie;
  EXPECT_EQ(send(cookie, "POST", "/login", "name=ada&password=old").status, 403);
}

TEST_F(web_frameworks, end_a_device_as_spring_does) {
  std::string adas = log_in("ada", "old");
  std::string lins = log_in("lin", "lins");
  const std::string id{sessions.sessions_of("ada").at(0).id.text()};
  EXPECT_EQ(send(lins, "POST", "/end", "id=" + id).status, 302);
  EXPECT_EQ(send(adas, "GET", "/who").body, "ada") << "it is not theirs";
  EXPECT_EQ(send(adas, "POST", "/end", "id=" + id).status, 302);
  EXPECT_EQ(send(adas, "GET", "/who").body, "");
}

TEST_F(web_frameworks, keep_a_list_as_php_does) {
  std::string cookie;
  send(cookie, "POST", "/cart", "article=tea");
  send(cookie, "POST", "/cart", "article=cup");
  EXPECT_EQ(send(cookie, "GET", "/cart").body, R"(["tea","cup"])");
}

}  // namespace
