#include <gtest/gtest.h>

#include <scs/session_manager.hpp>

#include "world.hpp"

namespace test {

namespace {

using scs::errc;

std::string field_at_fault(scs::session_options options) {
  try {
    const scs::session_manager sessions{std::make_unique<scs::stores::memory>(),
                                        std::move(options)};
    return "";
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), errc::invalid_options);
    const std::string what = failure.what();
    return what.substr(0, what.find(':'));
  }
}

TEST(session_manager, refuses_options_that_make_no_sense) {
  EXPECT_EQ(field_at_fault({}), "");
  EXPECT_EQ(field_at_fault({.lifetime = seconds{0}}), "lifetime");
  EXPECT_EQ(field_at_fault({.lifetime = seconds{-1}}), "lifetime");
  EXPECT_EQ(field_at_fault({.lifetime = hours{24 * 400}}), "");
  EXPECT_EQ(field_at_fault({.lifetime = hours{24 * 401}}), "lifetime");
  EXPECT_EQ(field_at_fault({.lifetime = hours{24 * 401}, .cookie = {.persist = false}}), "");
  EXPECT_EQ(field_at_fault({.lifetime = nanoseconds::max(), .cookie = {.persist = false}}),
            "lifetime");
  EXPECT_EQ(field_at_fault({.idle_timeout = seconds{-1}}), "idle_timeout");
  EXPECT_EQ(field_at_fault({.store_timeout = seconds{-1}}), "store_timeout");
  EXPECT_EQ(field_at_fault({.max_payload_bytes = 0}), "max_payload_bytes");
  EXPECT_EQ(field_at_fault({.cookie = {.name = "a b"}}), "cookie.name");
  EXPECT_THROW(scs::session_manager{std::unique_ptr<scs::store>{}}, scs::error);
}

TEST(session_manager, runs_on_its_defaults) {
  scs::session_manager sessions{std::make_unique<scs::stores::memory>()};
  EXPECT_EQ(sessions.cookie_name(), "__Host-Http-session");
  scs::session session = sessions.load(std::string_view{});
  session.put("key", 1);
  const auto headers = sessions.commit(session);
  const std::string cookie = find_header(headers, "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-Http-session="));
  EXPECT_TRUE(cookie.ends_with("; HttpOnly; Secure; SameSite=Lax")) << cookie;
  scs::session again = sessions.load(cookie.substr(0, cookie.find(';')));
  EXPECT_EQ(again.get<int>("key"), 1);
}

TEST(session_manager, loads_and_commits_without_blocking_in_a_nonblocking_store_only) {
  world world;  // whose store may block
  browser visitor{world};
  visitor.put("key", 1);
  scs::session session = visitor.request();
  const int calls = world.faults->calls();
  EXPECT_FALSE(world.sessions.try_load(session));
  EXPECT_FALSE(session.loaded());
  EXPECT_EQ(world.faults->calls(), calls);
  session.put("key", 2);
  EXPECT_TRUE(world.sessions.try_load(session)) << "it is loaded by now";
  EXPECT_FALSE(world.sessions.try_commit(session));
  visitor.finish(session);
  EXPECT_EQ(visitor.get<int>("key"), 2);

  scs::session_manager in_memory{std::make_unique<scs::stores::memory>()};
  scs::session other = in_memory.load(std::string_view{});
  EXPECT_TRUE(in_memory.try_load(other));
  other.put("key", 1);
  EXPECT_TRUE(in_memory.try_commit(other));
  EXPECT_EQ(other.status(), scs::session_status::unmodified);
}

TEST(session_manager, costs_nothing_when_the_session_is_not_used) {
  world world;
  browser visitor{world};
  visitor.put("key", 1);
  const int calls = world.faults->calls();
  EXPECT_TRUE(visitor.visit([](scs::session&) {}).empty());
  EXPECT_TRUE(browser{world}.visit([](scs::session&) {}).empty());
  EXPECT_EQ(world.faults->calls(), calls);
}

TEST(session_manager, asks_the_store_once_to_read_and_twice_to_write) {
  world world;
  browser visitor{world};
  visitor.put("key", 1);
  EXPECT_EQ(world.faults->calls(), 1);
  visitor.visit([](scs::session& s) {
    s.get<int>("key");
    s.get<int>("other");
  });
  EXPECT_EQ(world.faults->calls(), 2);
  visitor.put("key", 2);
  EXPECT_EQ(world.faults->calls(), 4);
}

TEST(session_manager, gives_the_headers_for_what_was_done) {
  world world;
  browser visitor{world};
  using names = std::vector<std::string>;
  const auto names_of = [](const std::vector<scs::header>& headers) {
    names found;
    for (const scs::header& header : headers)
      found.push_back(header.name);
    return found;
  };
  const auto read = [](scs::session& s) { s.get<int>("key"); };
  const auto write = [](scs::session& s) { s.put("key", 1); };
  EXPECT_EQ(names_of(visitor.visit(read)), names{"Vary"});
  EXPECT_EQ(names_of(visitor.visit(write)), (names{"Set-Cookie", "Cache-Control", "Vary"}));
  EXPECT_EQ(names_of(visitor.visit(read)), names{"Vary"});
  EXPECT_EQ(names_of(visitor.visit(write)), names{"Vary"});
  EXPECT_EQ(names_of(visitor.visit([](scs::session& s) { s.touch(); })), names{});
  const auto headers = visitor.visit([](scs::session& s) { s.renew(); });
  EXPECT_EQ(names_of(headers), (names{"Set-Cookie", "Cache-Control", "Vary"}));
  EXPECT_EQ(find_header(headers, "Cache-Control"), "no-store");
  EXPECT_EQ(find_header(headers, "Vary"), "Cookie");
  EXPECT_EQ(names_of(visitor.visit([](scs::session& s) { s.destroy(); })),
            (names{"Set-Cookie", "Cache-Control", "Vary"}));
}

TEST(session_manager, writes_nothing_for_a_session_without_values) {
  world world;
  browser visitor{world};
  const auto headers = visitor.visit([](scs::session& session) {
    session.put("key", 1);
    session.remove("key");
    session.clear();
    session.renew();
    session.remember_me();
  });
  EXPECT_EQ(find_header(headers, "Set-Cookie"), "");
  EXPECT_EQ(world.faults->calls(), 0);
}

TEST(session_manager, lets_the_cookie_follow_the_absolute_deadline) {
  world world{{.lifetime = hours{1}, .idle_timeout = minutes{5}}};
  browser visitor{world};
  const auto headers = visitor.visit([](scs::session& s) { s.put("key", 1); });
  const std::string cookie = find_header(headers, "Set-Cookie");
  EXPECT_NE(cookie.find("; Max-Age=3600;"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("; Expires=Fri, 15 Jan 2027 09:00:00 GMT;"), std::string::npos) << cookie;
}

TEST(session_manager, lets_the_cookie_of_an_endless_session_live_as_long_as_browsers_keep_it) {
  world world;
  browser visitor{world};
  const auto headers = visitor.visit([](scs::session& s) {
    s.put("key", 1);
    s.set_deadline(scs::time_point::max());
  });
  const std::string cookie = find_header(headers, "Set-Cookie");
  EXPECT_NE(cookie.find("; Max-Age=34560000;"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("; Expires=Sat, 19 Feb 2028 08:00:00 GMT;"), std::string::npos) << cookie;
  EXPECT_EQ(visitor.get<int>("key"), 1);
  EXPECT_EQ(visitor.request().deadline(), scs::time_point::max());
}

TEST(session_manager, gives_a_cookie_for_the_browsers_life_unless_it_persists) {
  world world{{.cookie = {.persist = false}}};
  browser visitor{world};
  const auto headers = visitor.visit([](scs::session& s) { s.put("key", 1); });
  EXPECT_EQ(find_header(headers, "Set-Cookie").find("Max-Age"), std::string::npos);
  const auto remembered = visitor.visit([](scs::session& s) { s.remember_me(); });
  EXPECT_NE(find_header(remembered, "Set-Cookie").find("Max-Age=86400"), std::string::npos);
  const auto renewed = visitor.visit([](scs::session& s) { s.renew(); });
  EXPECT_NE(find_header(renewed, "Set-Cookie").find("Max-Age=86400"), std::string::npos)
      << "a renewal forgets it";
  const auto forgotten = visitor.visit(
      [](scs::session& s) { s.remember_me(scs::session::remember::until_browser_closes); });
  EXPECT_NE(find_header(forgotten, "Set-Cookie"), "");
  EXPECT_EQ(find_header(forgotten, "Set-Cookie").find("Max-Age"), std::string::npos);
}

TEST(session_manager, clears_the_cookie_with_the_attributes_it_was_set_with) {
  world world{{.cookie = {.name = "n",
                          .domain = "example.com",
                          .path = "/app",
                          .same_site = scs::same_site_policy::none,
                          .partitioned = true}}};
  browser visitor{world};
  visitor.put("key", 1);
  const auto headers = visitor.visit([](scs::session& session) { session.destroy(); });
  EXPECT_EQ(find_header(headers, "Set-Cookie"),
            "n=; Path=/app; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; "
            "HttpOnly; Secure; SameSite=None; Partitioned");
}

TEST(session_manager, never_adopts_an_unknown_token) {
  world world;
  const std::string chosen = new_token();
  scs::session session = world.sessions.load("__Host-Http-session=" + chosen);
  session.put("key", 1);
  EXPECT_EQ(find_header(world.sessions.commit(session), "Set-Cookie").find(chosen),
            std::string::npos);
  EXPECT_FALSE(world.kept->find(scs::token::parse(chosen)->id()));
}

TEST(session_manager, does_not_ask_the_store_for_what_is_no_token) {
  world world;
  for (const char* value : {"", "x", "../../etc/passwd", "h:abc"}) {
    scs::session session = world.sessions.load(std::string{"__Host-Http-session="} + value);
    EXPECT_FALSE(session.get<int>("key"));
  }
  scs::session id_as_token =
      world.sessions.load("__Host-Http-session=" + text_of(scs::token::generate().id()));
  EXPECT_FALSE(id_as_token.get<int>("key"));
  EXPECT_EQ(world.faults->calls(), 0);
}

TEST(session_manager, begins_a_new_session_when_a_payload_cannot_be_decoded) {
  world world;
  const scs::token token = scs::token::generate();
  const std::string cookie = "__Host-Http-session=" + std::string{token.text()};
  const std::string good = R"({"data":{"k":1},"deadline":1900000000000000000})";
  for (std::size_t size = 0; size < good.size(); ++size) {
    world.events.clear();
    world.kept->erase(token.id());
    world.kept->commit(token.id(), good.substr(0, size), world.clock.now() + hours{1}, std::nullopt,
                       "");
    scs::session session = world.sessions.load(cookie);
    EXPECT_FALSE(session.get<int>("k"));
    EXPECT_EQ(world.count(scs::event_kind::payload_undecodable), 1);
    session.put("k", 2);
    EXPECT_EQ(find_header(world.sessions.commit(session), "Set-Cookie").find(token.text()),
              std::string::npos);
  }
  scs::session session = world.sessions.load(cookie);
  session.destroy();
  EXPECT_FALSE(world.kept->find(token.id())) << "a logout leaves a damaged record";
}

TEST(session_manager, reads_what_go_wrote_and_writes_what_go_reads) {
  world world{{.cookie = {.name = "session"}, .ids = scs::id_mode::raw}};
  const std::string token = "9UgWaPEoSWFxh3Gg_IgUvq13iqWQSVP2aL_2ibL3udI";
  const auto id = scs::session_id::from_text(token);
  world.kept->commit(id, R"({"data":{"go":"\u003cb\u003e","n":1},"deadline":1900000000000000000})",
                     world.clock.now() + hours{1}, std::nullopt, "");
  scs::session session = world.sessions.load("session=" + token);
  EXPECT_EQ(session.get<std::string>("go"), "<b>");
  session.put("n", 2);
  world.sessions.commit(session);
  EXPECT_EQ(world.kept->find(id)->payload,
            R"({"data":{"go":"\u003cb\u003e","n":2},"deadline":1900000000000000000})");
}

TEST(session_manager, refuses_a_session_over_its_size) {
  world world{{.max_payload_bytes = 1000}};
  browser visitor{world};
  visitor.put("small", 1);
  scs::session session = visitor.request();
  session.put("big", std::string(980, 'x'));
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::too_large);
  EXPECT_EQ(visitor.get<int>("small"), 1);
}

TEST(session_manager, refuses_the_put_with_which_the_values_alone_are_over_the_size) {
  world world{{.max_payload_bytes = 1000}};
  browser visitor{world};
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.put("big", std::string(1000, 'x')), errc::too_large);
  EXPECT_FALSE(session.exists("big"));
  session.put("a", std::string(400, 'x'));
  session.put("b", std::string(400, 'x'));
  EXPECT_SCS_ERROR(session.put("c", std::string(400, 'x')), errc::too_large);
  EXPECT_SCS_ERROR(
      session.update<std::string>("c", [](const auto&) { return std::string(400, 'x'); }),
      errc::too_large);
  session.put("b", std::string(410, 'y'));
  session.remove("a");
  session.put("c", std::string(400, 'x'));
  world.sessions.commit(session);
  session.clear();
  session.put("d", std::string(900, 'x'));
  world.sessions.commit(session);
}

TEST(session_manager, leaves_the_size_of_values_to_a_codec_that_may_need_less) {
  struct hash_of_data final : scs::payload_codec {
    scs::payload decode(std::string_view) const override { return {}; }
    std::string encode(const scs::payload& contents) const override {
      return std::to_string(contents.data.size());
    }
  };
  world world{{.max_payload_bytes = 1000, .codec = std::make_shared<hash_of_data>()}};
  browser visitor{world};
  scs::session session = visitor.request();
  session.put("big", std::string(10'000, 'x'));
  world.sessions.commit(session);
}

TEST(session_manager, puts_no_token_into_errors_and_events) {
  for (const scs::id_mode mode : {scs::id_mode::hashed, scs::id_mode::raw}) {
    session_clock clock;
    auto* faults = new faulty_store{std::make_shared<scs::stores::memory>()};
    std::string heard;
    scs::session_manager sessions{std::unique_ptr<scs::store>(faults),
                                  {.ids = mode, .on_event = [&](const scs::event& event) {
                                     if (event.id) heard += event.id->text();
                                   }}};
    scs::session first = sessions.load(std::string_view{});
    first.put("key", 1);
    const std::string cookie = find_header(sessions.commit(first), "Set-Cookie");
    const std::string token = first.token();
    faults->before_every(faulty_store::call::find,
                         [&] { throw std::runtime_error("cannot read " + token); });
    scs::session second = sessions.load(cookie.substr(0, cookie.find(';')));
    try {
      second.get<int>("key");
      ADD_FAILURE();
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), errc::store_failed);
      if (mode == scs::id_mode::raw) {
        EXPECT_EQ(scs::describe(std::current_exception()).find(token), std::string::npos);
        EXPECT_NO_THROW(std::rethrow_if_nested(failure));
      } else {
        EXPECT_THROW(std::rethrow_if_nested(failure), std::runtime_error);
      }
    }
    EXPECT_EQ(heard.find(token), std::string::npos);
  }
}

TEST(session_manager, goes_on_when_an_event_hook_throws) {
  scs::session_manager sessions{
      std::make_unique<scs::stores::memory>(),
      {.on_event = [](const scs::event&) { throw std::runtime_error("hook"); }}};
  scs::session session = sessions.load(std::string_view{});
  session.put("key", 1);
  EXPECT_NO_THROW(sessions.commit(session));
  EXPECT_NO_THROW(session.destroy());
}

TEST(session_manager, revokes_a_session_by_its_id) {
  world world;
  browser visitor{world};
  visitor.put("key", 1);
  world.sessions.revoke(scs::token::parse(visitor.token())->id());
  EXPECT_FALSE(visitor.get<int>("key"));
  EXPECT_NO_THROW(world.sessions.revoke(scs::token::generate().id()));
}

TEST(session_manager, answers_409_for_a_session_that_is_gone) {
  EXPECT_EQ(scs::http_status(errc::session_gone), 409);
  EXPECT_EQ(scs::http_status(errc::store_failed), 503);
  EXPECT_EQ(scs::http_status(errc::store_timeout), 503);
  EXPECT_EQ(scs::http_status(errc::store_full), 503);
  EXPECT_EQ(scs::http_status(errc::too_large), 500);
  EXPECT_EQ(scs::http_status(std::make_error_code(std::errc::io_error)), 500);
}

}  // namespace

// The system's clock is read from a coarse clock that is slightly late, which must not be visible.
TEST(system_clock, knows_what_is_past_to_the_nanosecond) {
  using namespace std::chrono_literals;
  const scs::clock& clock = scs::clock::system();
  for (int i = 0; i < 1000; ++i) {
    const scs::time_point now = clock.now();
    EXPECT_TRUE(clock.has_come(now));
    EXPECT_TRUE(clock.has_come(now - 1h));
    EXPECT_TRUE(clock.has_come(scs::time_point::min()));
  }
  for (int i = 0; i < 1000; ++i) {
    const scs::time_point soon = clock.now() + 1us * i;
    const bool come = clock.has_come(soon);
    EXPECT_TRUE(!come || clock.now() >= soon);
  }
  EXPECT_FALSE(clock.has_come(clock.now() + 1h));
  EXPECT_FALSE(clock.has_come(scs::time_point::max()));
}

}  // namespace test
