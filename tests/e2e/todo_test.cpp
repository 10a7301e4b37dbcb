// Tests the to-do application over HTTP, with each of its stores.

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process.hpp"
#include "raw_http.hpp"
#include "temporary_folder.hpp"
#ifdef TODO_WITH_REDIS
#include "servers/redis_server.hpp"
#endif
#ifdef TODO_WITH_POSTGRES
#include "servers/postgres_server.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// A browser that keeps the session's cookie, and fills in the forms of its current page.
class user {
 public:
  user(int port, std::string agent) : port_(port), agent_(std::move(agent)) {}

  http_response get(const std::string& path) { return ask("GET", path, ""); }
  http_response post(const std::string& path, const std::string& fields) {
    http_response answer = ask("POST", path, fields + "&csrf_token=" + form_token_);
    return answer.status == 303 ? get(answer.one("Location")) : answer;
  }
  http_response log_in(const std::string& name, const std::string& password,
                       const std::string& more = "") {
    get("/");
    return post("/login", "user=" + name + "&password=" + password + more);
  }
  /// The session's cookie, with its attributes, as the last responses set it.
  const std::string& cookie_line() const { return cookie_line_; }
  std::string form_token_;

 private:
  http_response ask(std::string_view method, const std::string& path, const std::string& body) {
    const std::string cookie = cookie_line_.substr(0, cookie_line_.find(';'));
    std::string lines = "User-Agent: " + agent_ + "\r\nSec-Fetch-Site: same-origin\r\n";
    if (!cookie.empty()) lines += "Cookie: " + cookie + "\r\n";
    if (!body.empty()) lines += "Content-Type: application/x-www-form-urlencoded\r\n";
    http_response answer = http_connection(port_).request(method, path, lines, body);
    for (const std::string& line : answer.all("Set-Cookie")) {
      if (line.starts_with("session=")) cookie_line_ = line;
    }
    form_token_ = value_of("csrf_token", answer.body);
    return answer;
  }

 public:
  /// Returns the value of the first field or button with this name.
  static std::string value_of(const std::string& name, const std::string& html) {
    for (const std::string& mark : {"name=" + name + " value='", "name='" + name + "' value='"}) {
      const std::size_t at = html.find(mark);
      if (at == std::string::npos) continue;
      const std::size_t begin = at + mark.size();
      return html.substr(begin, html.find('\'', begin) - begin);
    }
    return "";
  }

 private:
  int port_;
  std::string agent_;
  std::string cookie_line_;
};

class todo : public testing::TestWithParam<std::string> {
 protected:
  todo() {
    std::string where = GetParam();
#ifdef TODO_WITH_REDIS
    if (where == "redis") where = "redis:" + redis_.emplace().address();
#endif
#ifdef TODO_WITH_POSTGRES
    if (where == "postgres") where = "postgres:" + postgres_.emplace().conninfo();
#endif
    server_.emplace(std::vector<std::string>{TODO, where, "0"}, folder_.path());
    static const std::string before = "Serving on http://127.0.0.1:";
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (server_->running() && std::chrono::steady_clock::now() < deadline && port_ == 0) {
      const std::string said = server_->output();
      const std::size_t at = said.find(before);
      if (at != std::string::npos && said.find('\n', at) != std::string::npos) {
        port_ = std::atoi(said.c_str() + at + before.size());
      }
      std::this_thread::yield();
    }
    EXPECT_NE(port_, 0) << server_->errors();
  }

  temporary_folder folder_;
#ifdef TODO_WITH_REDIS
  std::optional<test::redis_server> redis_;
#endif
#ifdef TODO_WITH_POSTGRES
  std::optional<test::postgres_server> postgres_;
#endif
  std::optional<process> server_;
  int port_ = 0;
};

TEST_P(todo, keeps_a_list_for_each_user) {
  user ann(port_, "Desk");
  EXPECT_THAT(ann.log_in("ann", "wrong").body, HasSubstr("That is not the password."));
  EXPECT_THAT(ann.get("/").body, Not(HasSubstr("That is not"))) << "shown once";
  EXPECT_THAT(ann.log_in("ann", "apple").body, HasSubstr("Welcome, ann."));
  ann.post("/add", "text=later&due=2031-01-01");
  const std::string page = ann.post("/add", "text=%3Cb%3Erent&due=2030-01-31").body;
  EXPECT_THAT(page, HasSubstr("Added: &lt;b>rent"));
  EXPECT_LT(page.find("<li>&lt;b>rent"), page.find("<li>later")) << "what is due first";
  const std::string key = user::value_of("key", page);
  EXPECT_THAT(ann.post("/toggle", "key=" + key).body, HasSubstr("<li class=done>&lt;b>rent"));
  user bob(port_, "Phone");
  bob.log_in("bob", "banana");
  EXPECT_THAT(bob.post("/delete", "key=" + key).body, HasSubstr("There is no such item."));
  EXPECT_THAT(bob.get("/").body, Not(HasSubstr("rent")));
  EXPECT_THAT(ann.post("/delete", "key=" + key).body, Not(HasSubstr("<li class=done>")));
}

TEST_P(todo, ends_other_devices_and_refuses_foreign_forms) {
  user desk(port_, "Desk <1>");
  user phone(port_, "Phone");
  desk.log_in("ann", "apple");
  EXPECT_THAT(desk.cookie_line(), Not(HasSubstr("Max-Age"))) << "until the browser closes";
  phone.log_in("ann", "apple", "&remember=1");
  EXPECT_THAT(phone.cookie_line(), HasSubstr("Max-Age=259")) << "30 days, or a second less";
  const std::string listed = desk.get("/devices").body;
  EXPECT_THAT(listed, HasSubstr("Desk &lt;1> at 127.0.0.1 (this one)"));
  EXPECT_THAT(listed, HasSubstr("Phone at 127.0.0.1"));
  desk.form_token_ = "somebody else's";
  EXPECT_EQ(desk.post("/devices/end-others", "now=1").status, 403);
  EXPECT_THAT(phone.get("/").body, HasSubstr("To do"));
  desk.get("/devices");
  const std::string id = user::value_of("id", listed);
  EXPECT_THAT(desk.post("/devices/end", "id=" + id).body, HasSubstr("That device is logged out."));
  EXPECT_THAT(phone.get("/").body, HasSubstr("Password"));
  phone.log_in("ann", "apple");
  desk.get("/devices");
  EXPECT_THAT(desk.post("/devices/end-others", "now=1").body, HasSubstr("Ended: "));
  EXPECT_THAT(phone.get("/").body, HasSubstr("Password"));
  desk.get("/");
  EXPECT_THAT(desk.post("/logout", "now=1").body, HasSubstr("Password"));
}

std::vector<std::string> stores_of_the_program() {
  std::vector<std::string> stores{"bunt"};
#ifdef TODO_WITH_REDIS
  stores.emplace_back("redis");
#endif
#ifdef TODO_WITH_POSTGRES
  stores.emplace_back("postgres");
#endif
  return stores;
}

INSTANTIATE_TEST_SUITE_P(on, todo, testing::ValuesIn(stores_of_the_program()),
                         [](const auto& store) { return store.param; });

}  // namespace
