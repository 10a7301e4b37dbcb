// Vulnerabilities of other products, repeated here: one test for each, with its number. The comment
// above each test says what was wrong there. docs/security.md contains the sources.

#include <array>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "recording_store.hpp"
#include "world.hpp"

namespace test {

namespace {

using scs::errc;
using call = faulty_store::call;

using step = std::function<void(scs::session&)>;

/// Everything that a request can do to a session that was loaded before.
std::vector<step> changes_of(world& world) {
  return {[](scs::session& s) { s.put("a", 1); },
          [](scs::session& s) { s.remove("user"); },
          [](scs::session& s) { s.clear(); },
          [](scs::session& s) { s.renew(); },
          [](scs::session& s) { s.remember_me(); },
          [&world](scs::session& s) { s.set_deadline(world.clock.now() + hours{48}); },
          [](scs::session& s) { s.update<int>("n", [](auto) { return 1; }); }};
}

std::string cookie_of(std::string_view token) {
  return "__Host-Http-session=" + std::string{token};
}

// Rack: at its end, a running request writes back the session that a logout has deleted meanwhile.
TEST(cve, CVE_2025_46336_a_request_in_flight_writes_back_what_a_logout_deleted) {
  world world{{.idle_timeout = minutes{20}}};
  for (const step& change : changes_of(world)) {
    browser visitor{world};
    visitor.put("user", "tom");
    const browser tab{visitor};
    scs::session in_flight = tab.request();
    EXPECT_TRUE(in_flight.exists("user"));
    visitor.visit([](scs::session& s) { s.destroy(); });
    try {
      change(in_flight);
      world.sessions.commit(in_flight);
      ADD_FAILURE() << "written back";
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), errc::session_gone);
    }
    EXPECT_EQ(find_header(world.sessions.abandon(in_flight), "Set-Cookie"), "");
    EXPECT_TRUE(world.records().empty());
    EXPECT_FALSE(tab.request().exists("user"));
  }
  // The same with a request that only reads, and extends the idle time.
  browser visitor{world};
  visitor.put("user", "tom");
  scs::session reader = browser{visitor}.request();
  reader.load();
  world.clock.advance(minutes{10});
  visitor.visit([](scs::session& s) { s.destroy(); });
  world.sessions.commit(reader);
  EXPECT_TRUE(world.records().empty());
}

// Apache::Session: saving a session that is not in the store (any more) creates it.
TEST(cve, CVE_2013_10075_the_store_creates_a_session_that_was_to_be_changed) {
  world world;
  const scs::session_id id = scs::token::generate().id();
  const auto later = world.clock.now() + hours{1};
  EXPECT_EQ(world.kept->commit(id, "{}", later, "1", {}).result, scs::commit_result::outcome::gone);
  EXPECT_FALSE(world.kept->touch(id, later));
  EXPECT_FALSE(world.kept->erase(id));
  EXPECT_TRUE(world.records().empty());
  // The same for a session that expired, not only for a deleted one.
  for (const step& change : changes_of(world)) {
    browser visitor{world};
    visitor.put("user", "tom");
    scs::session in_flight = visitor.request();
    in_flight.load();
    world.clock.advance(hours{25});
    EXPECT_THROW(
        {
          change(in_flight);
          visitor.finish(in_flight);
        },
        scs::error);
    EXPECT_TRUE(world.records().empty());
  }
}

// Fiber: a session is created under any id that the client has sent.
TEST(cve, CVE_2024_38513_a_session_begins_under_the_id_that_the_client_has_sent) {
  world world;
  const std::string planted = new_token();
  for (const std::string& value : {planted, std::string(43, 'A'), std::string{"admin"},
                                   text_of(scs::token::parse(planted)->id())}) {
    scs::session session = world.sessions.load(cookie_of(value));
    session.put("user", "victim");
    browser victim{world};
    victim.receive(world.sessions.commit(session));
    EXPECT_NE(victim.token(), value);
    EXPECT_EQ(victim.token().size(), scs::token::size);
    EXPECT_FALSE(world.sessions.load(cookie_of(value)).exists("user"));
    EXPECT_FALSE(world.kept->find(scs::session_id::from_text(value)));
  }
}

// aiohttp-session: an id that was logged out stays in the store, empty, and is given to the next
// client who sends it.
TEST(cve, CVE_2018_1000519_the_id_of_an_ended_session_is_used_again) {
  world world;
  for (const step& end :
       std::vector<step>{[](scs::session& s) { s.destroy(); }, [](scs::session& s) { s.renew(); },
                         [](scs::session& s) {
                           s.clear();
                           s.renew();
                         }}) {
    browser attacker{world};
    attacker.put("user", "attacker");
    const std::string planted = attacker.token();
    attacker.visit(end);
    for (const seconds wait : {seconds{0}, seconds{61}, seconds{3600}}) {
      world.clock.advance(wait);
      scs::session victim = world.sessions.load(cookie_of(planted));
      EXPECT_TRUE(victim.keys().empty());
      victim.put("user", "victim");
      try {
        browser browser{world};
        browser.receive(world.sessions.commit(victim));
        EXPECT_NE(browser.token(), planted);
      } catch (const scs::error& failure) {  // a tombstone
        EXPECT_EQ(failure.code(), errc::session_gone);
      }
      EXPECT_FALSE(world.sessions.load(cookie_of(planted)).exists("user"));
    }
  }
}

// aiohttp-session: only the browser ends a session, so that a copy of a cookie is valid forever.
TEST(cve, CVE_2018_1000814_a_kept_cookie_outlives_the_session) {
  world world{{.lifetime = hours{1}, .idle_timeout = minutes{20}}};
  browser visitor{world};
  visitor.put("user", "tom");
  const std::string kept = visitor.cookie();
  // Activity does not extend the absolute limit ...
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(minutes{10});
    EXPECT_TRUE(world.sessions.load(kept).exists("user"));
    scs::session session = world.sessions.load(kept);
    session.put("n", i);
    EXPECT_EQ(find_header(world.sessions.commit(session), "Set-Cookie"), "");
  }
  world.clock.advance(minutes{10});
  EXPECT_FALSE(world.sessions.load(kept).exists("user"));
  // ... and without any activity, the idle limit comes first.
  visitor.put("user", "tom");
  const std::string second = visitor.cookie();
  world.clock.advance(minutes{20});
  EXPECT_FALSE(world.sessions.load(second).exists("user"));
}

// drogon: CR and LF in what becomes a header begin another header.
TEST(cve, response_splitting_a_cookies_parts_begin_another_header) {
  for (const char* bad : {"a\r\nSet-Cookie: evil=1", "a\nb", "a\rb", "a;b", "a\x7F"}) {
    for (const scs::cookie_options& cookie :
         {scs::cookie_options{.name = bad}, scs::cookie_options{.domain = bad},
          scs::cookie_options{.path = std::string{"/"} + bad}}) {
      EXPECT_SCS_ERROR(
          scs::session_manager(std::make_unique<scs::stores::memory>(), {.cookie = cookie}),
          errc::invalid_options);
    }
  }
}

// Crow: values that a visitor sends reach a header with their CR and LF.
TEST(cve, response_splitting_a_visitors_value_begins_another_header) {
  world world;
  const std::string evil = "x\r\nSet-Cookie: evil=1\r\n\r\n<script>";
  for (const std::string& line : {cookie_of(evil), cookie_of("\"" + evil + "\""), evil,
                                  "a=" + evil + "; " + cookie_of(evil)}) {
    scs::session session = world.sessions.load(line);
    session.put(evil, evil);
    for (const scs::header& header : world.sessions.commit(session)) {
      EXPECT_EQ(header.name.find_first_of("\r\n"), std::string::npos);
      EXPECT_EQ(header.value.find_first_of("\r\n"), std::string::npos);
      EXPECT_EQ(header.value.find("evil"), std::string::npos);
    }
    session.destroy();
    for (const scs::header& header : world.sessions.commit(session))
      EXPECT_EQ(header.value.find_first_of("\r\n"), std::string::npos);
  }
}

// Rack: the id is looked up unchanged, and the time of the lookup reveals how much of it is right.
TEST(cve, CVE_2019_16782_the_time_of_a_lookup_tells_how_much_of_the_token_is_right) {
  auto owned = std::make_unique<recording_store>();
  recording_store& store = *owned;
  scs::session_manager sessions{std::move(owned)};
  // Each guess has one more character in common with a real token.
  const std::string real = new_token();
  for (std::size_t right = 0; right < real.size(); ++right) {
    std::string guess = real;
    for (std::size_t i = right; i < guess.size(); ++i)
      guess[i] = guess[i] == 'A' ? 'B' : 'A';
    sessions.load(cookie_of(guess)).exists("user");
  }
  const std::string looked_up = text_of(scs::token::parse(real)->id());
  ASSERT_EQ(store.asked.size(), real.size());
  for (const std::string& id : store.asked) {
    std::size_t same = 0;
    while (same < id.size() && id[same] == looked_up[same])
      ++same;
    EXPECT_LT(same, 2U + 6U) << "what is compared depends on the guess";
  }
  // The other half of it: the stored id, found out by timing, is not accepted as a token.
  world world;
  browser visitor{world};
  visitor.put("user", "tom");
  const std::string id = text_of(scs::token::parse(visitor.token())->id());
  for (const std::string& sent : {id, id.substr(2), "h:" + id.substr(2, 41)})
    EXPECT_FALSE(world.sessions.load(cookie_of(sent)).exists("user"));
}

// Flask: no Vary if the session was only refreshed, or was used in a way that was overlooked.
TEST(cve, CVE_2023_30861_a_response_that_depends_on_the_cookie_has_no_vary) {
  world world{{.idle_timeout = minutes{20}}};
  browser visitor{world};
  visitor.put("user", "tom");
  const std::vector<step> ways{[](scs::session& s) { s.get<std::string>("user"); },
                               [](scs::session& s) { s.get<std::string>("nothing"); },
                               [](scs::session& s) { s.pop<std::string>("nothing"); },
                               [](scs::session& s) { s.exists("user"); },
                               [](scs::session& s) { s.keys(); },
                               [](scs::session& s) { s.token(); },
                               [](scs::session& s) { s.deadline(); },
                               [](scs::session& s) { s.put("a", 1); },
                               [](scs::session& s) { s.remove("a"); },
                               [](scs::session& s) { s.update<int>("n", [](auto) { return 1; }); },
                               [](scs::session& s) { s.remember_me(); },
                               [](scs::session& s) { s.renew(); },
                               [](scs::session& s) { s.clear(); },
                               [](scs::session& s) { s.destroy(); }};
  for (const step& use : ways) {
    for (const std::string& cookie : {visitor.cookie(), std::string{}}) {
      scs::session session = world.sessions.load(cookie);
      use(session);
      const auto headers = world.sessions.commit(session);
      EXPECT_EQ(find_header(headers, "Vary"), "Cookie") << &use - ways.data();
      if (!find_header(headers, "Set-Cookie").empty()) {
        EXPECT_EQ(find_header(headers, "Cache-Control"), "no-store");
      }
      visitor.receive(headers);
      if (visitor.cookie().empty()) visitor.put("user", "tom");
    }
  }
  // Only refreshed: nothing in the response depends on the cookie, and no cookie is set.
  world.clock.advance(minutes{10});
  const auto headers = visitor.visit([](scs::session& s) { s.touch(); });
  EXPECT_EQ(world.faults->calls(call::touch), 1);
  EXPECT_TRUE(headers.empty());
}

// Django: each request with a new forged id creates a record.
TEST(cve, CVE_2015_5143_made_up_ids_fill_the_store) {
#ifdef NDEBUG
  constexpr int requests = 1'000'000;
#else
  constexpr int requests = 100'000;
#endif
  constexpr std::string_view digits = "0123456789abcdef";
  scs::session_manager sessions{
      std::make_unique<scs::stores::memory>(scs::stores::memory_options{.max_sessions = 1}),
      {.idle_timeout = minutes{20}}};
  std::string cookie = cookie_of(std::string(scs::token::size, 'A'));
  for (int i = 0; i < requests; ++i) {
    for (std::size_t digit = 0; digit < 6; ++digit)
      cookie[cookie.size() - 1 - digit] = digits[static_cast<std::size_t>(i) >> 4 * digit & 15];
    scs::session session = sessions.load(cookie);
    if (session.exists("user") || !session.token().empty()) FAIL() << cookie;
    if (sessions.commit(session).size() != 1) FAIL() << "more than Vary";
  }
  EXPECT_EQ(static_cast<scs::stores::memory&>(sessions.store()).size(), 0U);
}

// Django: a logout without a session creates an empty record.
TEST(cve, CVE_2015_5963_logouts_fill_the_store) {
  world world;
  const std::vector<step> logouts{[](scs::session& s) { s.destroy(); },
                                  [](scs::session& s) { s.clear(); },
                                  [](scs::session& s) {
                                    s.clear();
                                    s.renew();
                                  },
                                  [](scs::session& s) {
                                    s.destroy();
                                    s.renew();
                                    s.remove("user");
                                    s.remember_me();
                                  }};
  for (const step& logout : logouts) {
    for (const std::string& cookie : {std::string{}, cookie_of(new_token()), cookie_of("x")}) {
      scs::session session = world.sessions.load(cookie);
      logout(session);
      const std::string set = find_header(world.sessions.commit(session), "Set-Cookie");
      EXPECT_TRUE(set.empty() || set.starts_with("__Host-Http-session=;")) << set;
    }
  }
  EXPECT_TRUE(world.records().empty());
  EXPECT_EQ(world.faults->calls(call::commit), 0);
}

// Django: a logout leaves an empty string as the session's key, which all such visitors share.
TEST(cve, CVE_2015_3982_an_empty_id_is_a_session) {
  auto owned = std::make_unique<recording_store>();
  recording_store& store = *owned;
  scs::session_manager sessions{std::move(owned)};
  for (const char* cookie :
       {"__Host-Http-session=", "__Host-Http-session", "__Host-Http-session=\"\"",
        "__Host-Http-session= ", "=", "", "__Host-Http-session=;"}) {
    scs::session session = sessions.load(std::string_view{cookie});
    EXPECT_FALSE(session.exists("user")) << cookie;
    session.destroy();
    session.renew();
    session.put("user", "tom");
    const std::string set = find_header(sessions.commit(session), "Set-Cookie");
    EXPECT_EQ(set.find(';'), sizeof "__Host-Http-session=" - 1 + scs::token::size) << set;
  }
  for (const std::string& id : store.asked)
    EXPECT_EQ(id.size(), 2 + scs::token::size) << id;
  EXPECT_FALSE(scs::token::parse(""));
}

// Werkzeug: a cookie without a name whose value looks like a cookie is accepted as that cookie.
TEST(cve, CVE_2023_23934_a_nameless_cookie_is_taken_for_the_prefixed_one) {
  world world;
  browser visitor{world};
  visitor.put("user", "tom");
  for (const char* before : {"=", "==", "=;=", " =", "\"", "\"\"=", ",", "x="}) {
    EXPECT_FALSE(world.sessions.load(before + visitor.cookie()).exists("user")) << before;
    EXPECT_FALSE(world.sessions.load("a=b; " + (before + visitor.cookie())).exists("user"))
        << before;
  }
}

// PHP: other characters in a name are changed to those of the prefix, and so are percent-encoded
// ones (CVE-2020-7070). Other products trim Unicode blanks before the name.
TEST(cve, CVE_2022_31629_another_name_is_taken_for_the_prefixed_one) {
  world world;
  browser visitor{world};
  visitor.put("user", "tom");
  for (const char* name : {"..Host-Http-session",
                           "[_Host-Http-session",
                           " _Host-Http-session",
                           "_.Host-Http-session",
                           "__host-http-session",
                           "__HOST-HTTP-SESSION",
                           "%5F%5FHost-Http-session",
                           "__Host%2DHttp-session",
                           "__Host-Http-sessio%6E",
                           "\"__Host-Http-session\"",
                           "__Host-Http-session%20",
                           "\xC2\xA0__Host-Http-session",
                           "\xE2\x80\x80__Host-Http-session",
                           "\x85__Host-Http-session",
                           "\v__Host-Http-session",
                           "__Host-Http-session\f",
                           "$Version=1,__Host-Http-session",
                           "__Host-Http-session[0]",
                           "__Host-Http-session.x",
                           "__Secure-session",
                           "__Host-session"}) {
    EXPECT_FALSE(world.sessions.load(name + ("=" + visitor.token())).exists("user")) << name;
  }
  EXPECT_TRUE(world.sessions.load("__Host-Http-session=" + visitor.token()).exists("user"));
}

// Passport: the session from before the login continues after it, and after the logout.
TEST(cve, CVE_2022_25896_a_session_from_before_the_log_in_goes_on) {
  world world;
  browser attacker{world};
  attacker.put("cart", 1);
  browser victim{attacker};  // has the attacker's cookie
  victim.visit([](scs::session& s) {
    s.renew();
    s.put("user", "victim");
  });
  EXPECT_FALSE(attacker.request().exists("user"));
  EXPECT_FALSE(attacker.request().exists("cart"));
  EXPECT_TRUE(victim.request().exists("user"));
  const browser stolen{victim};
  victim.visit([](scs::session& s) { s.destroy(); });
  EXPECT_FALSE(stolen.request().exists("user"));
  EXPECT_FALSE(victim.request().exists("user"));
  for (const scs::record& left : world.records())
    EXPECT_EQ(left.payload.find("cart"), std::string::npos) << left.payload;
}

// Jetty: a listener that throws while a session is destroyed leaves the visitor logged in.
TEST(cve, CVE_2021_34428_a_hook_that_throws_stops_the_logout) {
  int told = 0;
  scs::session_manager sessions{std::make_unique<scs::stores::memory>(),
                                {.on_event = [&](const scs::event&) {
                                  ++told;
                                  throw std::runtime_error("listener");
                                }}};
  for (const bool by_id : {false, true}) {
    scs::session session = sessions.load(std::string_view{});
    session.put("user", "tom");
    const std::string set = find_header(sessions.commit(session), "Set-Cookie");
    const std::string cookie = set.substr(0, set.find(';'));
    scs::session logout = sessions.load(cookie);
    if (by_id) {
      EXPECT_NO_THROW(
          sessions.revoke(scs::token::parse(cookie.substr(cookie.find('=') + 1))->id()));
    } else {
      EXPECT_NO_THROW(logout.destroy());
      EXPECT_NE(find_header(sessions.commit(logout), "Set-Cookie").find("Max-Age=0"),
                std::string::npos);
    }
    EXPECT_FALSE(sessions.load(cookie).exists("user"));
  }
  EXPECT_GE(told, 4);
}

// Spring Session: the id is printed to the standard output.
TEST(cve, CVE_2023_20866_the_token_is_in_the_log) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::vector<std::string> tokens;
  {
    world world{{.idle_timeout = minutes{20}}};
    browser visitor{world};
    visitor.put("user", "tom");
    tokens.push_back(visitor.token());
    visitor.visit([](scs::session& s) { s.renew(); });
    tokens.push_back(visitor.token());
    world.faults->before(call::commit, 1, [] { throw std::runtime_error("down"); });
    scs::session session = visitor.request();
    session.put("a", 1);
    EXPECT_THROW(world.sessions.commit(session), scs::error);
    visitor.visit([](scs::session& s) { s.destroy(); });
  }
  const std::string printed =
      testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  for (const std::string& token : tokens)
    EXPECT_EQ(printed.find(token), std::string::npos);
}

}  // namespace

}  // namespace test
