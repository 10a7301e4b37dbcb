// What an attacker finds who has a copy of a server's memory: no token of a request that has ended.
// The HTTP library's own buffers cannot be wiped, and there are none in this test.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <buntstore/wipe.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/cookie.hpp>
#include <scs/stores/memory.hpp>

#include "own_memory.hpp"

namespace test {

namespace {

/// A client with the only copy of its cookie outside of the server.
struct memory_of_a_server : testing::Test {
  ~memory_of_a_server() override { buntstore::wipe(cookie); }

  /// Makes one request with the cookie. Its text, and that of the response, are then wiped.
  void visit(scs::session_manager& sessions, const std::function<void(scs::session&)>& handler) {
    std::string sent;
    sent.reserve(cookie.size() + 100);  // a string that grows leaves a copy in freed memory
    sent.append("theme=dark; ").append(cookie).append("; other=1");
    std::vector<scs::header> headers;
    {
      scs::session session = sessions.load(sent);
      handler(session);
      headers = sessions.commit(session);
    }
    buntstore::wipe(sent);
    for (scs::header& header : headers) {
      if (header.name == "Set-Cookie") {
        buntstore::wipe(cookie);
        cookie.reserve(header.value.size());
        cookie.assign(header.value, 0, header.value.find(';'));
      }
      buntstore::wipe(header.value);
    }
  }

  /// Wipes the client's copy. Counts the secret in memory before and after that.
  struct found {
    std::size_t before;
    std::size_t after;
  };
  found look() {
    const searched_secret secret{std::string_view{cookie}.substr(cookie.find('=') + 1)};
    found counts{.before = secret.count_in_own_memory(), .after = 0};
    buntstore::wipe(cookie);
    counts.after = secret.count_in_own_memory();
    return counts;
  }

  std::string cookie = std::string(64, 'x');
};

TEST_F(memory_of_a_server, has_no_token_after_the_requests_that_used_it) {
  buntdb::database db = buntdb::database::in_memory();
  std::vector<std::unique_ptr<scs::session_manager>> managers;
  managers.push_back(
      std::make_unique<scs::session_manager>(std::make_unique<scs::stores::memory>()));
  managers.push_back(
      std::make_unique<scs::session_manager>(std::make_unique<scs::stores::bunt>(db)));
  for (const auto& sessions : managers) {
    for (const auto& last : std::vector<std::function<void(scs::session&)>>{
             [](scs::session& s) { s.exists("a"); }, [](scs::session& s) { s.put("a", 2); },
             [](scs::session& s) { s.set_user("tom"); }, [](scs::session& s) { s.csrf_token(); }}) {
      visit(*sessions, [](scs::session& session) { session.put("a", 1); });
      visit(*sessions, last);
      visit(*sessions, [](scs::session& session) { session.exists("a"); });
      const found counts = look();
      EXPECT_GE(counts.before, 1U) << "the search finds what is there";
      EXPECT_EQ(counts.after, 0U);
    }
  }
}

TEST_F(memory_of_a_server, has_no_token_that_was_renewed_away_or_ended) {
  scs::session_manager sessions{std::make_unique<scs::stores::memory>()};
  for (const auto& last : std::vector<std::function<void(scs::session&)>>{
           [](scs::session& s) { s.renew(); }, [](scs::session& s) { s.destroy(); }}) {
    visit(sessions, [](scs::session& session) { session.put("a", 1); });
    const searched_secret old{std::string_view{cookie}.substr(cookie.find('=') + 1)};
    visit(sessions, last);
    EXPECT_EQ(old.count_in_own_memory(), 0U);
  }
}

TEST_F(memory_of_a_server, has_no_tokens_of_cookies_that_open_nothing) {
  scs::session_manager sessions{std::make_unique<scs::stores::memory>()};
  std::vector<searched_secret> secrets;
  cookie.clear();
  cookie.reserve(2000);
  for (int i = 0; i < 20; ++i) {
    std::string token{scs::token::generate().text()};
    secrets.emplace_back(token);
    if (!cookie.empty()) cookie += "; ";
    cookie.append(sessions.cookie_name()).append("=").append(token);
    buntstore::wipe(token);
  }
  visit(sessions, [](scs::session& session) { session.exists("a"); });
  buntstore::wipe(cookie);
  for (const searched_secret& secret : secrets)
    EXPECT_EQ(secret.count_in_own_memory(), 0U);
}

TEST_F(memory_of_a_server, has_no_sealed_session_after_the_requests_that_used_it) {
  scs::session_manager sessions{std::make_unique<scs::stores::cookie>(
      scs::stores::cookie_options{.secrets = {"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}})};
  visit(sessions, [](scs::session& session) { session.put("a", 1); });
  visit(sessions, [](scs::session& session) { session.put("a", 2); });
  visit(sessions, [](scs::session& session) { session.exists("a"); });
  const found counts = look();
  EXPECT_GE(counts.before, 1U);
  EXPECT_EQ(counts.after, 0U);
}

}  // namespace

}  // namespace test
