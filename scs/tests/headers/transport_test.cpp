// The token in a header instead of a cookie.

#include <gtest/gtest.h>

#include "world.hpp"

namespace test {

namespace {

using scs::errc;

using names = std::vector<std::string>;

names names_of(const std::vector<scs::header>& headers) {
  names found;
  for (const scs::header& header : headers)
    found.push_back(header.name + ": " + (header.name == "X-Session" ? "" : header.value));
  return found;
}

struct header_transport : testing::Test {
  test::world world{{.transport = scs::header_transport{}}};

  /// Returns a stored session's token.
  std::string begin() {
    scs::session session = world.sessions.load(std::string_view{});
    session.put("key", 1);
    return find_header(world.sessions.commit(session), "X-Session");
  }

  std::optional<int> key_with(std::vector<std::string_view> lines) {
    scs::session session = world.sessions.load(lines);
    return session.get<int>("key");
  }
};

TEST_F(header_transport, says_which_headers_it_reads) {
  const auto read = world.sessions.request_header_names();
  EXPECT_EQ(names(read.begin(), read.end()), (names{"X-Session", "Authorization"}));
  test::world own{
      {.transport = scs::header_transport{.name = "X-Token", .authorization_bearer = false}}};
  const auto only = own.sessions.request_header_names();
  EXPECT_EQ(names(only.begin(), only.end()), names{"X-Token"});
  test::world cookies;
  const auto usual = cookies.sessions.request_header_names();
  EXPECT_EQ(names(usual.begin(), usual.end()), names{"Cookie"});
}

TEST_F(header_transport, gives_a_new_session_its_token_and_no_cookie) {
  scs::session session = world.sessions.load(std::string_view{});
  session.put("key", 1);
  const auto headers = world.sessions.commit(session);
  EXPECT_EQ(names_of(headers), (names{"X-Session: ", "Cache-Control: no-store", "Vary: X-Session",
                                      "Vary: Authorization"}));
  EXPECT_EQ(find_header(headers, "X-Session"), session.token());
  EXPECT_EQ(key_with({session.token()}), 1);
}

TEST_F(header_transport, reads_tokens_alone_or_behind_bearer) {
  const std::string token = begin();
  for (const char* scheme : {"", "Bearer ", "bearer ", "BEARER  "})
    EXPECT_EQ(key_with({std::string{scheme} + token}), 1) << scheme;
  for (const char* scheme : {"Basic ", "Bearer", "Token ", "__Host-session=", "session="})
    EXPECT_EQ(key_with({std::string{scheme} + token}), std::nullopt) << scheme;
  EXPECT_EQ(key_with({token + " "}), 1);
  EXPECT_EQ(key_with({token + ","}), std::nullopt);
  EXPECT_EQ(key_with({""}), std::nullopt);
}

TEST_F(header_transport, looks_at_four_candidates_at_most) {
  const std::string token = begin();
  const std::string a = new_token(), b = new_token(), c = new_token(), d = new_token();
  EXPECT_EQ(key_with({a, "no token", b, a, c, token}), 1) << "the fourth";
  EXPECT_EQ(key_with({a, b, c, d, token}), std::nullopt);
}

TEST_F(header_transport, never_reads_a_cookie) {
  const std::string token = begin();
  EXPECT_EQ(key_with({"session=" + token, "__Host-session=" + token}), std::nullopt);
}

TEST_F(header_transport, sends_the_token_only_when_it_is_new) {
  const std::string token = begin();
  const auto visit = [&](auto handler) {
    scs::session session = world.sessions.load(token);
    handler(session);
    return world.sessions.commit(session);
  };
  const names only_vary{"Vary: X-Session", "Vary: Authorization"};
  EXPECT_EQ(names_of(visit([](scs::session& s) { s.put("key", 2); })), only_vary);
  EXPECT_EQ(names_of(visit([&](scs::session& s) {
              s.set_deadline(world.clock.now() + minutes{9});
              s.remember_me();
            })),
            only_vary);
  const auto renewed = visit([](scs::session& s) { s.renew(); });
  const std::string fresh = find_header(renewed, "X-Session");
  EXPECT_NE(fresh, token);
  EXPECT_EQ(fresh.size(), token.size());
  EXPECT_EQ(find_header(renewed, "Cache-Control"), "no-store");
  EXPECT_EQ(key_with({token}), std::nullopt);
  EXPECT_EQ(key_with({fresh}), 2);
}

TEST_F(header_transport, tells_that_a_session_was_destroyed) {
  const std::string token = begin();
  scs::session session = world.sessions.load(token);
  session.destroy();
  const auto headers = world.sessions.commit(session);
  EXPECT_EQ(names_of(headers), (names{"X-Session: ", "Cache-Control: no-store", "Vary: X-Session",
                                      "Vary: Authorization"}));
  EXPECT_EQ(find_header(headers, "X-Session"), "");
  EXPECT_EQ(key_with({token}), std::nullopt);
}

TEST_F(header_transport, adopts_no_unknown_token) {
  const std::string made_up = new_token();
  scs::session session = world.sessions.load(made_up);
  session.put("key", 1);
  EXPECT_NE(find_header(world.sessions.commit(session), "X-Session"), made_up);
  EXPECT_EQ(key_with({made_up}), std::nullopt);
}

TEST_F(header_transport, costs_nothing_when_the_session_is_not_used) {
  const std::string token = begin();
  const int calls = world.faults->calls();
  scs::session session = world.sessions.load(token);
  EXPECT_TRUE(world.sessions.commit(session).empty());
  EXPECT_EQ(world.faults->calls(), calls);
}

TEST(header_transport_options, are_refused_if_they_cannot_work) {
  const auto fault = [](scs::session_options options) -> std::string {
    try {
      const scs::session_manager made{std::make_unique<scs::stores::memory>(), std::move(options)};
      return "";
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), errc::invalid_options);
      const std::string what = failure.what();
      return what.substr(0, what.find(':'));
    }
  };
  const auto named = [&](std::string name) {
    return fault({.transport = scs::header_transport{.name = std::move(name)}});
  };
  EXPECT_EQ(named("X-Token"), "");
  for (const char* name : {"", "X Token", "X-T\r\nSet-Cookie", "X:", "T\xc3\xb6ken", "cookie",
                           "Set-Cookie", "authorization", "Vary", "Content-Length"}) {
    EXPECT_EQ(named(name), "transport.name") << name;
  }
  EXPECT_EQ(named(std::string(257, 'x')), "transport.name");
  EXPECT_EQ(fault({.cookie = {.name = "id"}, .transport = scs::header_transport{}}), "transport");
  EXPECT_EQ(fault({.cookie = {.domain = "a.b"}, .transport = scs::header_transport{}}),
            "transport");
  EXPECT_EQ(fault({.lifetime = hours{24 * 500}, .transport = scs::header_transport{}}), "")
      << "no browser forgets it";
}

}  // namespace

}  // namespace test
