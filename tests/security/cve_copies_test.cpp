// Vulnerabilities of other products, as in cve_test.cpp: a copy of a cookie or a session that
// somebody else keeps.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/cookie.hpp>
#include <scs/stores/near_cache.hpp>

#include "store_front.hpp"
#include "world.hpp"

namespace test {

namespace {

/// Sessions in their visitors' cookies. The test controls the clock.
class sealed_world {
 public:
  std::vector<scs::header> visit(std::string& cookie,
                                 const std::function<void(scs::session&)>& use) {
    scs::session session = sessions_.load(std::string_view{cookie});
    use(session);
    std::vector<scs::header> headers = sessions_.commit(session);
    if (const std::string set = find_header(headers, "Set-Cookie"); !set.empty())
      cookie = set.substr(0, set.find(';'));
    return headers;
  }

  std::string log_in(std::string_view user) {
    std::string cookie;
    visit(cookie, [&](scs::session& session) { session.set_user(user); });
    return cookie;
  }

  std::string user_of(const std::string& cookie) {
    return sessions_.load(std::string_view{cookie}).user();
  }

  session_clock clock;

 private:
  scs::session_manager sessions_{std::make_unique<scs::stores::cookie>(scs::stores::cookie_options{
                                     .secrets = {"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}}),
                                 {.idle_timeout = minutes{20}, .clock = &clock}};
};

/// A browser's cookie, which it sends to any server.
struct roaming_browser {
  void visit(scs::session_manager& server, const std::function<void(scs::session&)>& use) {
    scs::session session = server.load(std::string_view{cookie});
    use(session);
    const std::string set = find_header(server.commit(session), "Set-Cookie");
    if (!set.empty()) cookie = set.substr(0, set.find(';'));
  }

  std::string cookie;
};

void expect_kept_by_no_cache(const std::vector<scs::header>& headers) {
  EXPECT_EQ(find_header(headers, "Vary"), "Cookie");
  EXPECT_EQ(find_header(headers, "Cache-Control"), "no-store");
}

// Django: a session that is saved in each request sets its cookie again, without Vary if the
// request has not used it. A cache serves the page, and the cookie, to others.
TEST(cve, CVE_2026_35192_a_cookie_that_is_only_refreshed_is_cached) {
  sealed_world world;
  std::string cookie = world.log_in("tom");
  const std::vector<std::function<void(scs::session&)>> uses{
      [](scs::session& session) { session.touch(); },
      [](scs::session& session) { session.load(); },
      [](scs::session& session) { session.exists("a"); },
      [](scs::session& session) { session.remember_me(); },
  };
  int refreshed = 0;
  for (const auto& use : uses) {
    world.clock.advance(minutes{10});
    const std::string before = cookie;
    const std::vector<scs::header> headers = world.visit(cookie, use);
    if (cookie == before) continue;
    ++refreshed;
    expect_kept_by_no_cache(headers);
    EXPECT_EQ(world.user_of(cookie), "tom");
  }
  EXPECT_EQ(refreshed, std::ssize(uses));
}

// Symfony: the name in a cookie that logs in is not compared with the name that was stored with it.
TEST(cve, CVE_2024_51996_a_name_in_the_cookie_decides_whose_session_it_is) {
  world world;
  browser eve{world};
  eve.visit([](scs::session& session) { session.set_user("eve"); });
  const std::string token = eve.token();
  for (const std::string& value :
       {"ada:" + token, token + ":ada", "ada." + token, token + ".ada", "YWRh:" + token,
        token + "%3Aada", token + "|ada", "\"" + token + ":ada\""}) {
    EXPECT_NE(world.sessions.load("__Host-Http-session=" + value).user(), "ada") << value;
    EXPECT_NE(world.sessions.load("user=ada; __Host-Http-session=" + token + "; user=ada").user(),
              "ada");
  }

  // A sealed cookie contains the name: no part of one cookie fits another one.
  sealed_world sealed;
  const std::string of_ada = sealed.log_in("ada"), of_eve = sealed.log_in("eve");
  ASSERT_EQ(of_ada.size(), of_eve.size());
  ASSERT_EQ(sealed.user_of(of_ada), "ada");
  for (std::size_t cut = 0; cut < of_ada.size(); ++cut) {
    for (const std::string& spliced :
         {of_ada.substr(0, cut) + of_eve.substr(cut), of_eve.substr(0, cut) + of_ada.substr(cut)}) {
      if (spliced == of_ada || spliced == of_eve) continue;
      EXPECT_EQ(sealed.user_of(spliced), "") << cut;
    }
  }
}

// better-auth: a cached session does what requires a fresh one, after it was revoked and with its
// former rights.
TEST(cve, a_cached_session_acts_after_its_revocation_or_with_its_old_rights) {
  session_clock clock;
  scs::stores::memory shared{{.clock = &clock}};
  const auto server = [&] {
    return scs::session_manager{
        std::make_unique<scs::stores::near_cache>(
            std::make_unique<store_front>(shared),
            scs::stores::near_cache_options{.max_age = minutes{5}, .clock = &clock}),
        {.clock = &clock}};
  };
  scs::session_manager here = server(), there = server();
  for (const bool revoked : {true, false}) {
    clock.advance(minutes{10});
    roaming_browser tab;
    tab.visit(here, [](scs::session& session) {
      session.set_user("tom");
      session.put("admin", true);
    });
    tab.visit(here, [](scs::session& session) { EXPECT_TRUE(session.get_or("admin", false)); });
    scs::session late = here.load(std::string_view{tab.cookie});
    EXPECT_TRUE(late.get_or("admin", false));
    if (revoked) {
      there.revoke_all("tom");
    } else {
      roaming_browser other{tab};
      other.visit(there, [](scs::session& session) { session.remove("admin"); });
    }
    scs::session fresh = here.load(std::string_view{tab.cookie});
    fresh.load_fresh();
    EXPECT_FALSE(fresh.get_or("admin", false));
    EXPECT_EQ(fresh.user(), revoked ? "" : "tom");
    // A change through the copy does not bring anything back, either.
    late.put("note", 1);
    if (revoked) {
      EXPECT_THROW(here.commit(late), scs::error);
    } else {
      here.commit(late);
    }
    EXPECT_FALSE(there.load(std::string_view{tab.cookie}).get_or("admin", false));
  }
}

}  // namespace

}  // namespace test
