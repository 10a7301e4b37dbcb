// The snippets of docs/sessions.md, which page_test.cpp compares with the page, and tests that run
// them; those of handlers are in handlers.hpp. The text between `// [name]` and
// `// [/name]` is a snippet.

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include <buntdb/buntdb.hpp>
#include <scs/error.hpp>
#include <scs/http/httplib.hpp>
#include <scs/http/httplib_install.hpp>
#include <scs/nlohmann.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/testing.hpp>

#include "handlers.hpp"
#include "raw_http.hpp"

namespace {

// [unit test]
TEST(log_in_handler, gives_the_session_a_new_token_and_its_user) {
  scs::testing::visitor visitor;
  visitor.arrange([](scs::session& session) { session.put("cart", 3); });

  httplib::Request request;
  request.params = {{"name", "tom"}, {"password", "secret of tom"}};
  httplib::Response response;
  const scs::testing::outcome done =
      visitor.visit([&](scs::session& session) { log_in(session, request, response); });

  EXPECT_TRUE(done.renewed);
  EXPECT_EQ(visitor.user(), "tom");
  EXPECT_EQ(visitor.get<int>("cart"), 3);

  visitor.advance(24h);
  EXPECT_FALSE(visitor.has_session());
}
// [/unit test]

// --- the site that the snippets make ---

class guide : public testing::Test {
 protected:
  ~guide() override {
    server.stop();
    if (thread.joinable()) thread.join();
  }

  void start() {
    server.set_keep_alive_timeout(1);
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running())
      std::this_thread::yield();
  }

  http_response send(const std::string& method, const std::string& target,
                     const std::string& body = "", const std::string& lines = "") {
    http_response response = http_connection(port).request(
        method, target,
        "Content-Type: application/x-www-form-urlencoded\r\nUser-Agent: Firefox\r\nCookie: " +
            cookie + "\r\n" + lines,
        method == "POST" && body.empty() ? "x=1" : body);
    for (const std::string& set : response.all("Set-Cookie"))
      cookie = set.substr(0, set.find(';'));
    return response;
  }

  void log_in_as(const std::string& name) {
    EXPECT_EQ(send("POST", "/login", "name=" + name + "&password=secret+of+" + name).status, 302);
  }

  buntdb::database db = buntdb::database::in_memory();
  // [manager]
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.lifetime = 12h,
                                 .idle_timeout = 30min,
                                 .cookie = {.secure = false /* plain http, for development */},
                                 .max_sessions_per_user = 10}};
  // [/manager]
  httplib::Server server;
  std::thread thread;
  int port = 0;
  std::string cookie = "a=b";
};

TEST_F(guide, logs_in_and_out) {
  // [routes]
  server.Post("/login", scs::http::with(sessions, log_in));
  server.Post("/logout", scs::http::with(sessions, log_out));
  server.Get("/", scs::http::with(sessions, show_account));
  // [/routes]
  start();
  EXPECT_EQ(send("GET", "/").one("Location"), "/login");
  EXPECT_EQ(send("POST", "/login", "name=tom&password=wrong").status, 403);
  EXPECT_EQ(cookie, "a=b") << "no session for a wrong password";
  log_in_as("tom");
  EXPECT_EQ(send("GET", "/").body, "Hello tom");
  const auto listed = sessions.sessions_of("tom");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].where, "127.0.0.1, Firefox");
  EXPECT_EQ(send("POST", "/logout").status, 302);
  EXPECT_EQ(send("GET", "/").one("Location"), "/login");
}

TEST_F(guide, takes_forms_of_its_own_pages_only) {
  const auto send_money = [](scs::session& session, const Request&, Response& response) {
    session.put("sent", session.get_or("sent", 0) + 1);
    response.set_content(std::to_string(session.get_or("sent", 0)), "text/plain");
  };
  server.Post("/login", scs::http::with(sessions, form(log_in)));
  // [form routes]
  server.Get("/transfer", scs::http::with(sessions, show_transfer));
  server.Post("/transfer", scs::http::with(sessions, form(send_money)));
  // [/form routes]
  start();
  EXPECT_EQ(
      send("POST", "/login", "name=tom&password=secret+of+tom", "Origin: https://evil.example\r\n")
          .status,
      403);
  log_in_as("tom");
  EXPECT_EQ(send("POST", "/transfer").status, 403);
  const std::string page = send("GET", "/transfer").body;
  const std::string before = R"(value=")";
  const std::string token = page.substr(page.find(before) + before.size(), 43);
  EXPECT_EQ(send("POST", "/transfer", "csrf_token=" + token).body, "1");
  EXPECT_EQ(send("POST", "/transfer", "x=1", "X-CSRF-Token: " + token + "\r\n").body, "2");
  EXPECT_EQ(send("POST", "/transfer", "csrf_token=" + std::string(43, 'A')).status, 403);
}

TEST_F(guide, counts_no_poll_as_activity) {
  // [poll route]
  server.Get("/messages", scs::http::with(sessions, count_messages,
                                          {.activity = scs::request_activity::passive}));
  // [/poll route]
  server.Post("/login", scs::http::with(sessions, log_in));
  start();
  log_in_as("tom");
  EXPECT_EQ(send("GET", "/messages").body, "0");
}

TEST_F(guide, gives_a_session_to_every_handler) {
  {
    // [install]
    scs::http::install(server, sessions);
    server.Get("/visits", [](const Request& request, Response& response) {
      scs::session& session = scs::http::session_of(request);
      session.put("visits", session.get_or("visits", 0) + 1);
      response.set_content(std::to_string(session.get_or("visits", 0)), "text/plain");
    });
    // [/install]
  }
  start();
  const http_response first = http_get(port, "/visits");
  EXPECT_EQ(first.body, "1");
  const std::string set = first.one("Set-Cookie");
  EXPECT_EQ(http_get(port, "/visits", "Cookie: " + set.substr(0, set.find(';')) + "\r\n").body,
            "2");
}

TEST_F(guide, keeps_values) {
  scs::testing::visitor visitor;
  EXPECT_FALSE(visitor.visit(use_values).failure);
  visitor.arrange([](scs::session& session) {
    session.put("ship to", address{"1 \"Main\" St", "B,ree"});
  });
  const auto found = visitor.get<address>("ship to");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->street, "1 \"Main\" St");
  EXPECT_EQ(found->town, "B,ree");
}

TEST_F(guide, shows_a_flash_message_once) {
  server.Post("/settings", scs::http::with(sessions, save_settings));
  server.Get("/settings", scs::http::with(sessions, show_settings));
  start();
  send("POST", "/settings");
  EXPECT_EQ(send("GET", "/settings").body, "Your settings were saved.\n");
  EXPECT_EQ(send("GET", "/settings").body, "");
}

TEST_F(guide, has_keys_with_types_and_counts_sessions) {
  server.Get("/visit", scs::http::with(sessions, [](scs::session& session, const Request&,
                                                    Response& response) {
               response.set_content(std::to_string(count_visit(session)), "text/plain");
             }));
  start();
  EXPECT_EQ(send("GET", "/visit").body, "2");
  EXPECT_EQ(figures(sessions), "sessions 1\nof ann 0\n");
}

TEST_F(guide, closes_what_belongs_to_a_session_that_ended) {
  buntdb::subscription changes = db.watch({.pattern = "h:*", .values = false});
  scs::session session = sessions.load("");
  session.put("n", 1);
  const std::vector<scs::header> set = sessions.commit(session);
  int closed = 0;
  const std::string id{session.id().text()};
  open_sockets sockets{
      {id, [&] { ++closed; }}, {id, [&] { ++closed; }}, {"h:another", [&] { ++closed; }}};
  close_ended(changes, sockets);
  EXPECT_EQ(closed, 0);
  session.destroy();
  close_ended(changes, sockets);
  EXPECT_EQ(closed, 2);
  EXPECT_EQ(sockets.size(), 1U);
}

TEST_F(guide, remembers_who_wants_it) {
  server.Post("/login", scs::http::with(sessions, log_in_and_remember));
  start();
  const std::string login = "name=tom&password=secret+of+tom";
  EXPECT_THAT(send("POST", "/login", login + "&remember=1").one("Set-Cookie"),
              testing::HasSubstr("; Max-Age=43200"));
  EXPECT_THAT(send("POST", "/login", login).one("Set-Cookie"),
              testing::Not(testing::HasSubstr("Max-Age")));
}

TEST_F(guide, lists_and_ends_devices) {
  server.Post("/login", scs::http::with(sessions, log_in));
  server.Get("/", scs::http::with(sessions, show_account));
  // [device routes]
  server.Get("/devices", scs::http::with(sessions, [&](scs::session& session, const Request&,
                                                       Response& response) {
               show_devices(sessions, session, response);
             }));
  // [/device routes]
  server.Post("/devices",
              scs::http::with(
                  sessions, [&](scs::session& session, const Request& request, Response& response) {
                    log_out_device(sessions, session, request, response);
                  }));
  server.Post("/password",
              scs::http::with(sessions, [&](scs::session& session, const Request&, Response&) {
                change_password(sessions, session);
              }));
  server.Post("/leave",
              scs::http::with(sessions, [&](scs::session& session, const Request&, Response&) {
                log_out_everywhere(sessions, session);
              }));
  start();
  log_in_as("ann");
  const std::string anns = cookie;
  const std::string anns_id{sessions.sessions_of("ann").at(0).id.text()};
  cookie = "a=b";
  log_in_as("tom");
  const std::string first = cookie;
  const std::string first_id{sessions.sessions_of("tom").at(0).id.text()};
  cookie = "a=b";
  log_in_as("tom");
  EXPECT_THAT(send("GET", "/devices").body,
              testing::AllOf(testing::HasSubstr("127.0.0.1, Firefox (this one)\n"),
                             testing::HasSubstr("127.0.0.1, Firefox\n")));
  EXPECT_EQ(send("POST", "/devices", "id=" + anns_id).status, 404) << "not his";
  EXPECT_EQ(send("POST", "/devices", "id=" + std::string(100, 'x')).status, 404);
  EXPECT_EQ(send("POST", "/devices", "id=" + first_id).status, 200);
  EXPECT_EQ(sessions.sessions_of("tom").size(), 1U);
  const std::string second = cookie;
  cookie = "a=b";
  log_in_as("tom");
  send("POST", "/password");
  EXPECT_EQ(send("GET", "/").body, "Hello tom");
  EXPECT_EQ(sessions.sessions_of("tom").size(), 1U);
  const std::string last = cookie;
  cookie = second;
  EXPECT_EQ(send("GET", "/").status, 302);
  cookie = last;
  EXPECT_EQ(send("POST", "/leave").status, 200);
  EXPECT_TRUE(sessions.sessions_of("tom").empty());
  cookie = last;
  EXPECT_EQ(send("GET", "/").status, 302);
  cookie = anns;
  EXPECT_EQ(send("GET", "/").body, "Hello ann");
}

TEST_F(guide, loses_no_vote) {
  server.Post("/vote", scs::http::with(sessions, count_vote));
  start();
  EXPECT_EQ(send("POST", "/vote").body, "1");
  const std::string mine = cookie;
  std::vector<std::thread> tabs;
  for (int tab = 0; tab < 4; ++tab) {
    tabs.emplace_back([&] {
      http_connection connection{port};
      for (int i = 0; i < 5; ++i)
        connection.request("POST", "/vote", "Cookie: " + mine + "\r\n", "x");
    });
  }
  for (std::thread& tab : tabs)
    tab.join();
  EXPECT_EQ(send("POST", "/vote").body, "22");
}

TEST_F(guide, answers_failures_kindly) {
  server.Post("/login", scs::http::with(sessions, log_in));
  server.Get("/work", scs::http::with(
                          sessions,
                          [&](scs::session& session, const Request&, Response&) {
                            session.put("late", 1);
                            sessions.revoke_all("tom");
                          },
                          friendly));
  server.Get("/throw",
             scs::http::with(
                 sessions,
                 [&](scs::session&, const Request&, Response&) { throw std::runtime_error("!"); },
                 friendly));
  start();
  log_in_as("tom");
  const http_response gone = send("GET", "/work");
  EXPECT_EQ(gone.status, 409);
  EXPECT_EQ(gone.body, "Your session has ended. Log in again at /login.");
  const http_response thrown = send("GET", "/throw");
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body, "Please try again later.");
}

TEST_F(guide, serves_an_api_beside_the_site) {
  // [api]
  scs::session_manager api{
      std::make_unique<scs::stores::bunt>(db, scs::stores::bunt_options{.prefix = "api:"}),
      {.lifetime = 24h * 30, .transport = scs::header_transport{.name = "X-Session"}}};
  server.Post("/api/login", scs::http::with(api, log_in));
  server.Get("/api/account", scs::http::with(api, show_account));
  // [/api]
  server.Get("/", scs::http::with(sessions, show_account));
  start();
  const http_response login = send("POST", "/api/login", "name=tom&password=secret+of+tom");
  const std::string token = login.one("X-Session");
  EXPECT_EQ(token.size(), 43U);
  EXPECT_THAT(login.all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(send("GET", "/api/account", "", "X-Session: " + token + "\r\n").body, "Hello tom");
  EXPECT_EQ(send("GET", "/api/account", "", "Authorization: Bearer " + token + "\r\n").body,
            "Hello tom");
  cookie = "session=" + token;
  EXPECT_EQ(send("GET", "/").status, 302) << "no session of the site's";
}

TEST_F(guide, streams) {
  server.Get("/report", scs::http::with(sessions, stream_report));
  server.Post("/login", scs::http::with(sessions, log_in));
  start();
  log_in_as("tom");
  EXPECT_EQ(send("GET", "/report").body, "report of tom\n");
}

TEST_F(guide, goes_on_after_an_upgrade) {
  server.Post("/login", scs::http::with(sessions, log_in));
  start();
  chat_connection stranger;
  accept(sessions, stranger);
  EXPECT_EQ(stranger.status, 401);

  log_in_as("tom");
  chat_connection connection;
  connection.cookie_header = cookie;
  accept(sessions, connection);
  EXPECT_EQ(connection.status, 101);
  receive(sessions, connection);
  receive(sessions, connection);
  scs::session session = sessions.load(cookie);
  EXPECT_EQ(session.get<int>("messages"), 2);
  EXPECT_EQ(session.get<bool>("chatted"), true);
  EXPECT_FALSE(connection.closed);
  sessions.revoke_all("tom");
  receive(sessions, connection);
  EXPECT_TRUE(connection.closed);
}

TEST_F(guide, takes_over_a_session_after_a_detour) {
  scs::testing::visitor visitor;
  visitor.arrange([](scs::session& session) { session.put("cart", 1); });
  const std::string kept = visitor.token();
  visitor.set_token("");  // the strict cookie did not come back
  const auto done =
      visitor.visit([&](scs::session& session) { return_from_payment(session, kept); });
  EXPECT_FALSE(done.failure);
  EXPECT_EQ(visitor.get<int>("cart"), 1);
  EXPECT_NE(visitor.token(), kept);
}

TEST_F(guide, changes_everybodys_session) {
  scs::testing::visitor visitor;
  visitor.arrange([](scs::session& session) { session.set_user("tom"); });
  ask_everybody_to_accept_new_terms(visitor.manager());
  EXPECT_EQ(visitor.get<bool>("must accept terms"), true);
  visitor.arrange([](scs::session& session) { session.set_user(""); });
  ask_everybody_to_accept_new_terms(visitor.manager());
  EXPECT_FALSE(visitor.has_session());
}

TEST_F(guide, shows_its_figures) {
  // [metrics]
  const auto figures = std::make_shared<scs::metrics>();
  scs::session_manager watched{std::make_unique<scs::stores::bunt>(db),
                               {.cookie = {.secure = false},
                                .on_event =
                                    [](const scs::event& event) {
                                      if (event.kind != scs::event_kind::loaded)
                                        std::clog << log_line(event) << '\n';
                                    },
                                .metrics = figures}};
  server.Get("/metrics", [figures](const Request&, Response& response) {
    response.set_content(scs::to_prometheus(*figures), "text/plain; version=0.0.4; charset=utf-8");
  });
  // [/metrics]
  server.Post("/login", scs::http::with(watched, log_in));
  start();
  log_in_as("tom");
  const http_response shown = send("GET", "/metrics");
  EXPECT_THAT(shown.body, testing::HasSubstr("scs_events_total{event=\"created\"} 1\n"));
  EXPECT_EQ(shown.one("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(guide, prints_a_session) {
  scs::testing::visitor visitor;
  std::string shown;
  visitor.arrange([&](scs::session& session) {
    session.put("cart", 3);
    // [debug]
    std::clog << session.debug_json() << '\n';
    // {"state":"new","status":"modified","id":null,"user":null,
    //  "deadline":"2030-01-02T00:00:00Z","data":{"cart":3}}
    // [/debug]
    shown = session.debug_json();
  });
  EXPECT_THAT(shown,
              testing::StartsWith(
                  R"({"state":"new","status":"modified","id":null,"user":null,"deadline":"2)"));
  EXPECT_THAT(shown, testing::EndsWith(R"(Z","data":{"cart":3}})"));
}

}  // namespace
