// Rules 9 (identifiers), 10 (several cookies) and 11 (a store that is down) of
// docs/session-rules.md.

#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "session/rules.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;

// --- 9. Identifiers ---

using rule_9 = rules;

TEST_F(rule_9, tells_the_store_no_token) {
  world.kept->for_each([this](const scs::session_id& id, const scs::record& record) {
    EXPECT_TRUE(id.text().starts_with("h:"));
    EXPECT_EQ(id.text().find(visitor.token()), std::string_view::npos);
    EXPECT_EQ(record.payload.find(visitor.token()), std::string::npos);
    // What is stolen from the store opens no session.
    for (const std::string& stolen : {std::string{id.text()}, std::string{id.text().substr(2)}}) {
      EXPECT_FALSE(world.sessions.load("__Host-Http-session=" + stolen).exists("old"));
    }
    return scs::visit::next;
  });
}

TEST_F(rule_9, keeps_no_tombstone_in_raw_mode) {
  test::world raw{{.ids = scs::id_mode::raw}};
  browser someone{raw};
  someone.put("key", 1);
  EXPECT_TRUE(raw.kept->find(scs::session_id::from_text(someone.token())));
  someone.visit([](scs::session& s) { s.renew(); });
  EXPECT_EQ(someone.get<int>("key"), 1);
  EXPECT_EQ(raw.records().size(), 1U);
}

// --- 10. Several cookies of one name ---

using rule_10 = rules;

TEST_F(rule_10, takes_the_first_live_one_of_at_most_four) {
  const auto with_unknown = [this](int count) {
    std::string line;
    for (int i = 0; i < count; ++i) {
      line += "__Host-Http-session=" + new_token() + "; ";
    }
    return line + visitor.cookie();
  };
  EXPECT_TRUE(world.sessions.load(with_unknown(3)).exists("old"));
  EXPECT_FALSE(world.sessions.load(with_unknown(4)).exists("old"));
  browser other{world};
  other.put("old", "other");
  EXPECT_EQ(world.sessions.load(other.cookie() + "; " + visitor.cookie()).get<std::string>("old"),
            "other");
}

TEST_F(rule_10, counts_only_what_looks_like_a_token) {
  std::string line;
  for (int i = 0; i < 100; ++i)
    line += "__Host-Http-session=no-token; ";
  EXPECT_TRUE(world.sessions.load(line + visitor.cookie()).exists("old"));
}

TEST_F(rule_10, prefers_a_live_one_to_a_tombstone) {
  const std::string renewed_away = visitor.cookie();
  visitor.visit([](scs::session& s) { s.renew(); });
  scs::session session = world.sessions.load(renewed_away + "; " + visitor.cookie());
  session.put("a", 1);
  EXPECT_NO_THROW(world.sessions.commit(session));
  EXPECT_EQ(visitor.get<int>("a"), 1);
}

// --- 11. A store that is down ---

using rule_11 = rules;

TEST_F(rule_11, makes_the_error_stick) {
  world.faults->before(call::find, 1, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.get<int>("a"), errc::store_failed);
  EXPECT_SCS_ERROR(session.put("a", 1), errc::store_failed);  // although the store works again
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_EQ(find_header(world.sessions.abandon(session), "Set-Cookie"), "");
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
}

TEST_F(rule_11, clears_the_cookie_of_a_logout_all_the_same) {
  world.faults->before(call::find, 1, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.destroy(), errc::store_failed);
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_NE(find_header(world.sessions.abandon(session), "Set-Cookie").find("Max-Age=0"),
            std::string::npos);
}

TEST_F(rule_11, keeps_the_stores_own_error_inside) {
  world.faults->before(call::find, 1, [] {
    throw std::system_error(std::make_error_code(std::errc::no_space_on_device), "disk");
  });
  scs::session session = visitor.request();
  try {
    session.load();
    FAIL();
  } catch (const scs::error& failure) {
    EXPECT_NE(std::string{failure.what()}.find("disk"), std::string::npos);
    EXPECT_THROW(std::rethrow_if_nested(failure), std::system_error);
  }
}

}  // namespace

}  // namespace test
