#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/event.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "adapter_suite.hpp"
#include "session_clock.hpp"

// Requirements for logins, requests of users, and logouts. A part of conformance.hpp.

namespace scs::http::tests {

TYPED_TEST_P(adapter, renews_the_session_once_at_a_login) {
  this->route_put_and_get();
  this->route("/login", [](session& session, reply&) { session.set_user("tom"); });
  this->route("/both", [](session& session, reply&) {
    session.renew();
    session.set_user("tom");
  });
  this->route("/kept", [](session& session, reply&) {
    session.set_user("tom", "", session::at_login::keep_token);
  });
  this->start();
  for (const char* target : {"/login", "/both"}) {
    const std::string before = this->cookie_line(this->get("/put"));
    const std::size_t records = this->store_->size();
    const http_response login = this->get(target, before);
    EXPECT_EQ(this->get("/get", before).body, "nothing") << target;
    EXPECT_EQ(this->get("/get", this->cookie_line(login)).body, "hello") << target;
    EXPECT_EQ(this->store_->size(), records + 1) << "one more than the tombstone: " << target;
  }
  const std::string before = this->cookie_line(this->get("/put"));
  EXPECT_THAT(this->get("/kept", before).all("Set-Cookie"), testing::IsEmpty());
  EXPECT_EQ(this->get("/get", before).body, "hello");
}

TYPED_TEST_P(adapter, lets_no_passive_request_extend_the_idle_time) {
  using namespace std::chrono_literals;
  test::session_clock clock;
  this->use({.idle_timeout = 20min, .cookie = {.secure = false}, .clock = &clock});
  this->route_put_and_get();
  this->route_with({.activity = request_activity::passive}, "/poll",
                   [](session& session, reply& reply) {
                     session.touch();
                     reply.body = session.get<std::string>("message").value_or("nothing");
                   });
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  clock.advance(10min);
  int calls = this->store_->calls;
  EXPECT_EQ(this->get("/poll", line).body, "hello");
  EXPECT_EQ(this->store_->calls, calls + 1) << "it was looked up, and not touched";
  calls = this->store_->calls;
  EXPECT_EQ(this->get("/get", line).body, "hello");
  EXPECT_EQ(this->store_->calls, calls + 2) << "this one counts";
  for (int i = 0; i < 3; ++i) {
    clock.advance(8min);
    this->get("/poll", line);
  }
  EXPECT_EQ(this->get("/get", line).body, "nothing") << "nobody was there for 24 minutes";
}

TYPED_TEST_P(adapter, ends_a_session_after_an_idle_timeout_of_its_own) {
  using namespace std::chrono_literals;
  test::session_clock clock;
  this->use({.lifetime = 24h * 30, .cookie = {.secure = false}, .clock = &clock});
  this->route("/log-in", [](session& session, reply&) {
    session.put("message", "hello");
    session.set_idle_timeout(30min);
    session.expire_after(12h);
  });
  this->route("/get", [](session& session, reply& reply) {
    reply.body = session.get<std::string>("message").value_or("nothing");
  });
  this->start();
  const std::string line = this->cookie_line(this->get("/log-in"));
  for (int i = 0; i < 3; ++i) {
    clock.advance(25min);
    EXPECT_EQ(this->get("/get", line).body, "hello");
  }
  clock.advance(30min);
  EXPECT_EQ(this->get("/get", line).body, "nothing");
}

TYPED_TEST_P(adapter, shows_a_message_once_on_the_page_after_the_form) {
  this->route("/save", [](session& session, reply&) { session.flash("saved", "success"); });
  this->route("/page", [](session& session, reply& reply) {
    for (const scs::flash_message& each : session.flashes())
      reply.body += each.kind + ": " + each.text + '\n';
  });
  this->start();
  const std::string line = this->cookie_line(this->get("/save"));
  this->get("/save", line);
  EXPECT_EQ(this->get("/page", line).body, "success: saved\nsuccess: saved\n");
  EXPECT_EQ(this->get("/page", line).body, "");
}

TYPED_TEST_P(adapter, refuses_what_another_sites_page_sends) {
  this->route_with({.refuses_cross_site = true}, "/change",
                   [](session&, reply& reply) { reply.body = "changed"; });
  this->start();
  const std::string host = "127.0.0.1:" + std::to_string(this->port_);
  for (const std::string& lines :
       {std::string("Sec-Fetch-Site: cross-site\r\n"), std::string("Sec-Fetch-Site: same-site\r\n"),
        std::string("Origin: https://evil.example\r\n"), std::string("Origin: null\r\n"),
        "Sec-Fetch-Site: cross-site\r\nOrigin: http://" + host + "\r\n",
        std::string("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n")}) {
    // No browser sends two lines.
    if (this->server_->hides_repeated_lines() && lines.starts_with("Sec-Fetch-Site: same-origin"))
      continue;
    EXPECT_EQ(this->post("/change", lines).status, 403) << lines;
  }
  for (const std::string& lines : {std::string(), std::string("Sec-Fetch-Site: same-origin\r\n"),
                                   std::string("Sec-Fetch-Site: none\r\n")}) {
    EXPECT_EQ(this->post("/change", lines).body, "changed") << lines;
  }
  EXPECT_EQ(this->get("/change", "Sec-Fetch-Site: cross-site\r\n").body, "changed")
      << "a link from elsewhere";
  EXPECT_EQ(this->store_->size(), 0U) << "for a visitor without a session nothing is stored";
}

TYPED_TEST_P(adapter, asks_for_the_token_of_its_forms_from_whom_has_a_session) {
  this->route_put_and_get();
  this->route("/form", [](session& session, reply& reply) { reply.body = session.csrf_token(); });
  this->route("/renew", [](session& session, reply& reply) {
    session.renew();
    reply.body = session.csrf_token();
  });
  this->route_with({.refuses_cross_site = true}, "/change",
                   [](session&, reply& reply) { reply.body = "changed"; });
  this->start();
  EXPECT_EQ(this->get("/form").body, "") << "no session begins for whoever looks at a form";
  EXPECT_EQ(this->store_->size(), 0U);

  std::string line = this->cookie_line(this->get("/put"));
  const std::string ours = "Sec-Fetch-Site: same-origin\r\n";
  EXPECT_EQ(this->post("/change", line + ours).status, 403) << "it has none yet";
  const std::string token = this->get("/form", line).body;
  EXPECT_EQ(token.size(), 43U);
  EXPECT_EQ(this->get("/form", line).body, token);
  EXPECT_EQ(this->post("/change", line + "X-CSRF-Token: " + token + "\r\n").body, "changed");
  EXPECT_EQ(this->post("/change", line + ours + "X-CSRF-Token: x\r\n").status, 403);
  EXPECT_EQ(this->post("/change", line + ours).status, 403);

  const http_response renewed = this->get("/renew", line);
  line = this->cookie_line(renewed);
  EXPECT_NE(renewed.body, token);
  EXPECT_EQ(this->post("/change", line + "X-CSRF-Token: " + token + "\r\n").status, 403);
  EXPECT_EQ(this->post("/change", line + "X-CSRF-Token: " + renewed.body + "\r\n").body, "changed");
}

TYPED_TEST_P(adapter, says_which_request_an_event_is_of) {
  std::mutex mutex;
  std::vector<event> events;
  this->use({.cookie = {.secure = false}, .on_event = [&](const event& happened) {
               const std::lock_guard lock(mutex);
               events.push_back(happened);
             }});
  this->route("/login", [](session& session, reply&) { session.set_user("tom\n"); });
  this->route("/out", [](session& session, reply&) { session.destroy(); });
  this->start();
  const std::string line = this->cookie_line(this->post("/login"));
  this->get("/out", line);
  const std::lock_guard lock(mutex);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].kind, event_kind::created);
  EXPECT_EQ(events[0].user, "tom\n");
  EXPECT_EQ(events[0].method, "POST");
  EXPECT_EQ(events[0].path, "/login");
  EXPECT_EQ(log_line(events[2]), "destroyed id=" + std::string(events[2].id->text()) +
                                     R"( user="tom\x0a" request="GET /out")");
}

TYPED_TEST_P(adapter, answers_403_when_the_login_is_too_long_ago) {
  using namespace std::chrono_literals;
  test::session_clock clock;
  this->use({.cookie = {.secure = false}, .clock = &clock});
  this->route("/login", [](session& session, reply&) { session.set_user("tom"); });
  this->route("/password", [](session& session, reply& reply) {
    session.require_login_within(5min);
    reply.body = "the handler's";
  });
  this->start();
  std::string line = this->cookie_line(this->get("/login"));
  clock.advance(5min);
  EXPECT_EQ(this->get("/password", line).body, "the handler's");
  clock.advance(1s);
  const http_response late = this->get("/password", line);
  EXPECT_EQ(late.status, 403);
  this->expect_nothing_of_the_handler(late);
  EXPECT_EQ(this->get("/password").status, 403) << "nobody is logged in";
  line = this->cookie_line(this->get("/login", line));
  EXPECT_EQ(this->get("/password", line).status, 200);
}

TYPED_TEST_P(adapter, tells_the_browser_to_drop_its_cache_at_a_logout) {
  this->use({.cookie = {.secure = false}, .clears_browser_cache = true});
  this->route_put_and_get();
  this->route("/out", [](session& session, reply&) { session.destroy(); });
  this->start();
  const http_response put = this->get("/put");
  EXPECT_THAT(put.all("Clear-Site-Data"), testing::IsEmpty());
  const http_response out = this->get("/out", this->cookie_line(put));
  EXPECT_THAT(out.all("Clear-Site-Data"), testing::ElementsAre(R"("cache")"));
}

TYPED_TEST_P(adapter, answers_a_logout_when_it_is_durable) {
  this->route_put_and_get();
  this->route("/out", [](session& session, reply& reply) {
    session.destroy();
    reply.body = "the handler's";
  });
  this->start();
  const std::string line = this->cookie_line(this->get("/put"));
  EXPECT_EQ(this->store_->syncs, 0);
  EXPECT_EQ(this->get("/out", line).status, 200);
  EXPECT_EQ(this->store_->syncs, 1);

  const std::string other = this->cookie_line(this->get("/put"));
  this->store_->syncs_fail = true;
  const http_response failed = this->get("/out", other);
  EXPECT_EQ(failed.status, 503);
  EXPECT_THAT(failed.one("Set-Cookie"), testing::HasSubstr("Max-Age=0"));
  this->expect_nothing_of_the_handler(failed);
  EXPECT_EQ(this->get("/get", other).body, "nothing") << "it has ended all the same";
}

}  // namespace scs::http::tests
