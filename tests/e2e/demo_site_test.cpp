// The demo site without a browser: the responses of its handlers, also to hostile requests.
// tests/browser tests it with a real browser.

#include "demo_site.hpp"

#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string count_on(const http_response& page) {
  return between(page.body, "data-count>", "<");
}

const std::vector<std::string> forms{"/count",           "/message",
                                     "/login",           "/logout",
                                     "/account/revoke",  "/account/revoke-others",
                                     "/expiry/use",      "/expiry/renew",
                                     "/expiry/end",      "/operator/compact",
                                     "/operator/traffic"};

TEST_F(demo_site, answers_put_and_get_as_the_quickstart) {
  const http_response put = http_get(port_, "/put");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, "");
  EXPECT_TRUE(put.all("Content-Type").empty());
  const std::string set = put.one("Set-Cookie");
  EXPECT_THAT(set, AllOf(StartsWith("session="), HasSubstr("; Path=/; Expires="),
                         HasSubstr("; Max-Age=86400; HttpOnly; SameSite=Lax")));
  const http_response get =
      http_get(port_, "/get", "Cookie: " + set.substr(0, set.find(';')) + "\r\n");
  EXPECT_EQ(get.status, 200);
  EXPECT_EQ(get.body, "Hello world!");
  EXPECT_EQ(get.one("Content-Type"), "text/plain");
}

TEST_F(demo_site, keeps_the_counter_the_message_and_the_login_when_it_is_killed) {
  visitor tom(port_);
  EXPECT_EQ(count_on(tom.get("/")), "0");
  tom.post("/count");
  EXPECT_EQ(count_on(tom.post("/count")), "2");
  tom.post("/message", "message=Milk%20and%20bread");
  tom.log_in("tom");
  EXPECT_THAT(tom.get("/").body, HasSubstr("has not lived through a restart"));

  kill_and_start_again();
  tom.set_port(port_);
  const http_response home = tom.get("/");
  EXPECT_EQ(count_on(home), "2");
  EXPECT_THAT(home.body,
              AllOf(HasSubstr("<blockquote>Milk and bread</blockquote>"),
                    HasSubstr("<strong>tom</strong>"), HasSubstr("<strong>1 restart</strong>")));
  EXPECT_EQ(count_on(tom.post("/count")), "3") << "the forms are good for the new server, too";
}

TEST_F(demo_site, gives_a_new_token_at_login_and_shows_none) {
  visitor tom(port_);
  tom.post("/count");
  const std::string before = tom.cookie("session");
  ASSERT_EQ(before.size(), 43U);
  const std::string form_token_before = tom.form_token();
  const http_response account = tom.log_in("tom");
  const std::string after = tom.cookie("session");
  EXPECT_EQ(after.size(), 43U);
  EXPECT_NE(after, before);
  EXPECT_NE(tom.form_token(), form_token_before);
  EXPECT_THAT(account.body, AllOf(Not(HasSubstr(after)), Not(HasSubstr(before))));
  const std::string id_before = between(account.body, "<dt>Before</dt><dd><code>", "…");
  const std::string id_now = between(account.body, "data-id-now>", "…");
  EXPECT_THAT(id_before, StartsWith("h:"));
  EXPECT_THAT(id_now, StartsWith("h:"));
  EXPECT_NE(id_before, id_now);
  EXPECT_EQ(flash_on(account), "Hello tom, you are logged in.");
  EXPECT_EQ(flash_on(tom.get("/account")), "") << "said only once";

  visitor thief(port_);
  thief.set_cookie("session", before);
  EXPECT_EQ(thief.get("/account").status, 409) << "the old token is worth nothing";
}

TEST_F(demo_site, lets_nobody_in_with_a_wrong_password) {
  visitor tom(port_);
  for (const char* wrong : {"user=tom&password=x", "user=tom&password=", "user=eve&password=demo",
                            "user=&password=demo", "password=demo", "user=%3Cb%3E&password=x"}) {
    tom.get("/login");
    const http_response answer = tom.post("/login", wrong);
    EXPECT_EQ(answer.status, 403) << wrong;
    EXPECT_THAT(answer.body, AllOf(HasSubstr("aria-invalid=\"true\""), Not(HasSubstr("<b>"))));
    EXPECT_EQ(tom.get("/account").status, 303) << wrong;
  }
}

TEST_F(demo_site, keeps_the_cookie_of_those_who_want_to_be_remembered) {
  visitor tom(port_);
  tom.get("/login");
  const auto log_in = [&](const std::string& more) {
    tom.get("/login");
    tom.post_as_it_is("/login", "user=tom&password=demo&form_token=" + tom.form_token() + more);
    return tom.cookies_set().size() == 1 ? tom.cookies_set().front() : "";
  };
  EXPECT_THAT(log_in(""), AllOf(StartsWith("session="), Not(HasSubstr("Max-Age")),
                                Not(HasSubstr("Expires")), HasSubstr("; HttpOnly; SameSite=Lax")));
  EXPECT_THAT(tom.get("/account").body, HasSubstr("data-remembered=\"no\""));
  tom.post("/logout");
  EXPECT_THAT(log_in("&remember=yes"), HasSubstr("; Max-Age=86400; HttpOnly; SameSite=Lax"));
  EXPECT_THAT(tom.get("/account").body, HasSubstr("data-remembered=\"yes\""));
}

TEST_F(demo_site, logs_out) {
  visitor tom(port_);
  tom.log_in("tom");
  const std::string token = tom.cookie("session");
  EXPECT_EQ(flash_on(tom.post("/logout")), "You are logged out.");
  EXPECT_NE(tom.cookie("session"), token);
  tom.set_cookie("session", token);
  EXPECT_EQ(tom.get("/account").one("Location"), "/login") << "the old cookie is worth nothing";
  EXPECT_EQ(tom.post_as_it_is("/logout", "x=y").status, 403)
      << "and pages of others log nobody out";
}

TEST_F(demo_site, logs_out_another_device) {
  visitor desk(port_, "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0");
  visitor phone(port_,
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/129.0 Safari/537.36");
  desk.log_in("tom");
  phone.log_in("tom");
  const http_response list = desk.get("/account");
  EXPECT_THAT(list.body,
              AllOf(HasSubstr("Firefox on Linux <span class=\"badge\">this one</span>"),
                    HasSubstr("Chrome on Android</p>"), HasSubstr("Log out all others")));

  const std::string id = between(list.body, "name=\"id\" value=\"", "\"");
  const http_response revoked = desk.post("/account/revoke", "id=" + id);
  EXPECT_EQ(flash_on(revoked), "That browser is logged out.");
  EXPECT_THAT(revoked.body, Not(HasSubstr("Android")));
  const http_response click = phone.get("/account");
  EXPECT_EQ(click.status, 303);
  EXPECT_THAT(flash_on(phone.get(click.one("Location"))),
              StartsWith("This browser was logged out"));
  EXPECT_EQ(flash_on(desk.post("/account/revoke", "id=" + id)), "That session has ended already.");
}

TEST_F(demo_site, changes_nothing_for_a_form_that_was_sent_after_the_logout) {
  visitor desk(port_), phone(port_);
  desk.log_in("tom");
  phone.log_in("tom");
  EXPECT_EQ(flash_on(desk.post("/account/revoke-others")), "Sessions that were ended: 1");
  EXPECT_THAT(flash_on(phone.post("/count")),
              HasSubstr("session has ended, so nothing was changed"));
  EXPECT_EQ(count_on(phone.get("/")), "0");
}

TEST_F(demo_site, logs_out_no_one_elses_device_and_survives_ids_that_are_none) {
  visitor tom(port_), eve(port_);
  tom.log_in("tom");
  visitor tom_too(port_);
  tom_too.log_in("tom");
  const std::string id = between(tom.get("/account").body, "name=\"id\" value=\"", "\"");
  ASSERT_EQ(id.size(), 45U);
  eve.log_in("ada");
  for (const std::string& text : {id, std::string(), std::string("h:x"), std::string(1000, 'x')}) {
    EXPECT_EQ(flash_on(eve.post("/account/revoke", "id=" + text)),
              "That session has ended already.");
  }
  EXPECT_EQ(tom_too.get("/account").status, 200);
}

TEST_F(demo_site, takes_its_own_id_for_a_logout) {
  visitor tom(port_), other(port_);
  tom.log_in("tom");
  other.log_in("tom");
  const std::string mine = between(other.get("/account").body, "name=\"id\" value=\"", "\"");
  tom.get("/account");
  EXPECT_EQ(flash_on(tom.post("/account/revoke", "id=" + mine)), "You are logged out.");
  EXPECT_EQ(other.get("/account").status, 200);
}

TEST_F(demo_site, refuses_every_form_that_is_not_its_own) {
  visitor tom = new_operator();
  visitor eve(port_);
  tom.log_in("tom");
  eve.post("/count");
  ASSERT_EQ(eve.form_token().size(), 43U);
  for (const std::string& path : forms) {
    for (const std::string& token : {std::string(), eve.form_token(), std::string(43, 'A')}) {
      const http_response answer =
          tom.post_as_it_is(path, "message=x&user=ada&password=demo&form_token=" + token);
      EXPECT_EQ(answer.status, 403) << path << ' ' << token;
      EXPECT_THAT(answer.body, HasSubstr("This form is not from here")) << path;
    }
  }
  const http_response home = tom.get("/");
  EXPECT_EQ(count_on(home), "0");
  EXPECT_THAT(home.body, AllOf(HasSubstr("<strong>tom</strong>"), Not(HasSubstr("<blockquote>"))));
}

TEST_F(demo_site, shows_what_visitors_say_as_text) {
  const std::string evil = "<script>alert(1)</script>\"'&";
  visitor tom(port_, "curl/8 " + evil);
  tom.get("/");
  const http_response home =
      tom.post("/message", "message=%3Cscript%3Ealert(1)%3C/script%3E%22'%26");
  EXPECT_THAT(home.body, AllOf(HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&apos;&amp;"),
                               Not(HasSubstr("<script>"))));
  EXPECT_THAT(tom.log_in("tom").body, AllOf(HasSubstr("curl"), Not(HasSubstr("alert"))));
  EXPECT_EQ(tom.get("/get").body, evil) << "as plain text";
  EXPECT_EQ(tom.get("/get").one("X-Content-Type-Options"), "nosniff");
}

TEST_F(demo_site, refuses_what_it_cannot_keep) {
  visitor tom(port_);
  tom.get("/");
  EXPECT_THAT(
      tom.post("/message", "message=" + std::string(700, 'x')).body,
      AllOf(HasSubstr("role=\"status\">That was too long"), Not(HasSubstr("<blockquote>"))));
  const http_response answer = tom.post("/message", "message=%FF%FE");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("not UTF-8"));
  EXPECT_EQ(tom.post("/message", "message=" + std::string(100'000, 'x')).status, 413);
}

TEST_F(demo_site, forbids_what_pages_do_not_need) {
  visitor tom(port_);
  tom.log_in("tom");
  for (const char* path : {"/", "/account", "/login", "/expiry", "/operator", "/metrics", "/put",
                           "/nowhere", "/assets/style.css"}) {
    const http_response page = tom.get(path);
    EXPECT_THAT(page.one("Content-Security-Policy"),
                AllOf(StartsWith("default-src 'none'"), HasSubstr("frame-ancestors 'none'"),
                      Not(HasSubstr("unsafe"))))
        << path;
    EXPECT_EQ(page.one("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_THAT(page.body, Not(testing::ContainsRegex("<style|<script>| style=| on[a-z]+=\"")))
        << path;
  }
  EXPECT_EQ(tom.get("/account").one("Cache-Control"), "no-store");
  EXPECT_EQ(tom.get("/nowhere").status, 404);
}

TEST_F(demo_site, serves_its_assets_for_good_and_without_a_session) {
  const std::string home = http_get(port_, "/").body;
  const std::string url = between(home, "<link rel=\"stylesheet\" href=\"", "\"");
  const http_response style = http_get(port_, url);
  EXPECT_EQ(style.status, 200);
  EXPECT_EQ(style.one("Content-Type"), "text/css; charset=utf-8");
  EXPECT_THAT(style.one("Cache-Control"), HasSubstr("immutable"));
  EXPECT_TRUE(style.all("Set-Cookie").empty());
}

std::size_t times_in(const std::string& text, const std::string& what) {
  std::size_t times = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++times;
  return times;
}

/// Returns what a browser shows of this piece of HTML.
std::string text_of(std::string html) {
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at))
    html.erase(at, html.find('>', at) - at + 1);
  for (const auto& [entity, character] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}}) {
    const std::string name = entity;
    for (std::size_t at = html.find(name); at != std::string::npos; at = html.find(name, at + 1))
      html.replace(at, name.size(), character);
  }
  return html;
}

/// Checks that each line of the code is in the source, in this order.
void expect_in_source(const std::string& code, const std::string& name) {
  std::ifstream file{std::string(SOURCE_FOLDER "/") + name};
  const std::string source{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream lines(code);
  std::size_t at = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos) continue;
    at = source.find(line.substr(begin), at);
    ASSERT_NE(at, std::string::npos) << name << ": " << line;
  }
}

TEST_F(demo_site, has_a_token_in_every_form_and_shows_code_that_is_there) {
  visitor tom(port_);
  std::set<std::string> shown;
  const auto check = [&](const std::string& path) {
    std::string page = tom.get(path).body;
    EXPECT_GT(times_in(page, "<form"), 0U) << path;
    EXPECT_EQ(times_in(page, "<form"), times_in(page, "<form method=\"post\"")) << path;
    EXPECT_EQ(times_in(page, "<form"),
              times_in(page, "name=\"form_token\" value=\"" + tom.form_token() + "\""))
        << path;
    while (page.find("<figure") != std::string::npos) {
      page.erase(0, page.find("<figure") + 1);
      const std::string code = text_of(between(page, "<code>", "</code>"));
      expect_in_source(code, between(page, "<figcaption>", "</figcaption>"));
      EXPECT_GT(code.size(), 50U);
      shown.insert(code);
    }
  };
  check("/");
  check("/login");
  check("/expiry");
  tom.post("/expiry/use");
  check("/expiry");
  tom.log_in("tom");
  check("/account");
  tom.get(operator_link());
  check("/operator");
  EXPECT_EQ(shown.size(), 18U) << "every region of the sources is on a page";
}

TEST_F(demo_site, shows_the_operators_page_to_a_browser_that_has_brought_the_key) {
  visitor eve(port_);
  eve.post("/count");
  const std::string link = operator_link();
  for (const std::string& path :
       {std::string("/operator"), std::string("/operator/events"), std::string("/metrics"),
        std::string("/operator?key="), "/operator?key=" + std::string(43, 'A'),
        link.substr(0, link.size() - 1), link + "x"}) {
    const http_response refused = eve.get(path);
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_THAT(refused.body, Not(HasSubstr("Sessions alive"))) << path;
    EXPECT_EQ(http_get(port_, path).status, 403) << "as nginx asks by default: " << path;
  }
  for (const char* path : {"/operator/compact", "/operator/traffic"})
    EXPECT_EQ(eve.post(path).status, 403) << path;

  visitor tom(port_);
  tom.post("/count");
  const std::string before = tom.cookie("session");
  EXPECT_EQ(tom.get(link).one("Location"), "/operator");
  EXPECT_NE(tom.cookie("session"), before) << "more rights, another token";
  EXPECT_THAT(tom.get("/operator").body, HasSubstr("Sessions alive"));
  EXPECT_EQ(tom.get("/metrics").status, 200);

  EXPECT_EQ(eve.get(link).status, 403) << "it is used up";
  EXPECT_TRUE(wait_until([&] { return operator_link() != link; }));
  EXPECT_EQ(eve.get(operator_link()).status, 303) << "the next one is for another browser";
}

TEST_F(demo_site, begins_no_session_for_whoever_only_looks) {
  for (const char* path :
       {"/", "/login", "/expiry", "/account", "/operator", "/operator?key=x", "/get", "/nowhere"}) {
    visitor bot(port_);
    bot.get(path);
    EXPECT_TRUE(bot.cookies_set().empty()) << path;
  }
  visitor tom(port_);
  tom.log_in("tom");
  tom.get("/");
  tom.post("/logout");
  visitor admin = new_operator();
  EXPECT_THAT(admin.get("/metrics").body,
              HasSubstr("scs_events_total{manager=\"site\",event=\"created\"} 3\n"))
      << "the login, the message after the logout, and the operator";
}

TEST_F(demo_site, refuses_forms_that_another_site_sends_for_a_visitor_without_a_session) {
  const auto post = [&](const std::string& lines) {
    return send("POST /count HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n" + lines + "\r\n")
        .status;
  };
  EXPECT_EQ(post("Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(post("Origin: https://evil.example\r\n"), 403);
  EXPECT_EQ(post("Sec-Fetch-Site: same-origin\r\nOrigin: http://127.0.0.1\r\n"), 303);
}

TEST_F(demo_site, has_figures_for_prometheus) {
  visitor tom = new_operator();
  EXPECT_THAT(tom.get("/metrics").body,
              AllOf(HasSubstr("scs_events_total{manager=\"site\",event=\"created\"} 1\n"),
                    HasSubstr("scs_store_call_seconds_count{manager=\"brief\",call=\"find\"}"),
                    HasSubstr("# TYPE buntdb_file_bytes gauge\nbuntdb_file_bytes "),
                    HasSubstr("# TYPE buntdb_reserved_bytes gauge\nbuntdb_reserved_bytes ")));
}

TEST_F(demo_site, ends_brief_sessions_while_one_watches) {
  std::optional<process> server;
  visitor tom(port_of(*start(server, "0", "brief.db", {"--brief-lifetime", "1"})));
  EXPECT_THAT(tom.get("/expiry").body, HasSubstr("There is none"));
  EXPECT_THAT(tom.post("/expiry/use").body, HasSubstr("data-uses>1<"));
  const std::string token = tom.cookie("brief");
  EXPECT_EQ(token.size(), 43U);
  EXPECT_TRUE(wait_until([&] {
    return tom.get("/expiry").body.find("It is over") != std::string::npos;
  })) << "however much it is used";
  EXPECT_EQ(tom.cookie("brief"), token);
  EXPECT_THAT(tom.post("/expiry/renew").body, HasSubstr("It is over")) << "gone is gone";
  EXPECT_THAT(tom.post("/expiry/use").body, HasSubstr("It is alive"));
  EXPECT_NE(tom.cookie("brief"), token);
}

TEST_F(demo_site, renews_and_ends_a_brief_session) {
  visitor tom(port_);
  tom.get("/expiry");
  tom.post("/expiry/use");
  const std::string first = tom.cookie("brief");
  const std::string site_session = tom.cookie("session");
  EXPECT_THAT(tom.post("/expiry/use").body, HasSubstr("data-uses>2<"));
  EXPECT_EQ(tom.cookie("brief"), first);
  EXPECT_THAT(tom.post("/expiry/renew").body, HasSubstr("data-uses>2<"));
  EXPECT_NE(tom.cookie("brief"), first);
  EXPECT_THAT(tom.post("/expiry/end").body, HasSubstr("There is none"));
  EXPECT_EQ(tom.cookie("brief"), "");
  EXPECT_EQ(tom.cookie("session"), site_session);
}

}  // namespace
