// session::load_fresh(): a session that has ended before the call is not used.

#include <functional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "manager/users.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;

struct load_fresh : users {
  browser tom{world};

  load_fresh() { log_in(tom, "tom"); }

  void destroy_elsewhere() {
    scs::session session = tom.request();
    session.destroy();
    world.sessions.commit(session);
  }
  void renew_elsewhere() {
    scs::session session = tom.request();
    session.renew();
    world.sessions.commit(session);
  }
};

TEST_F(load_fresh, asks_the_store_once_more) {
  scs::session session = tom.request();
  EXPECT_FALSE(session.loaded());
  const int before = world.faults->calls(call::find);
  session.load_fresh();
  EXPECT_EQ(world.faults->calls(call::find), before + 2) << "the session and the watermark";
  session.load_fresh();
  EXPECT_EQ(world.faults->calls(call::find), before + 4);
  session.load();
  EXPECT_EQ(world.faults->calls(call::find), before + 4);
  EXPECT_EQ(session.user(), "tom");
}

TEST_F(load_fresh, throws_if_the_session_has_ended_since) {
  const std::vector<std::function<void()>> endings{
      [&] { destroy_elsewhere(); }, [&] { renew_elsewhere(); },
      [&] { world.sessions.revoke_all("tom"); }, [&] { world.clock.advance(hours{25}); }};
  for (const auto& end : endings) {
    browser fresh{world};
    log_in(fresh, "tom");
    tom = fresh;
    scs::session session = tom.request();
    EXPECT_EQ(session.user(), "tom");
    session.put("to", "thief");
    end();
    EXPECT_SCS_ERROR(session.load_fresh(), errc::session_gone);
    EXPECT_SCS_ERROR(world.sessions.commit(session), errc::session_gone);
    scs::session after = tom.request();
    after.load_fresh();
    EXPECT_EQ(after.user(), "");
  }
}

TEST_F(load_fresh, keeps_what_the_request_has_changed_and_sees_what_others_have) {
  scs::session session = tom.request();
  session.put("mine", 1);
  tom.put("theirs", 2);
  EXPECT_FALSE(session.exists("theirs"));
  session.load_fresh();
  EXPECT_EQ(session.get<int>("mine"), 1);
  EXPECT_EQ(session.get<int>("theirs"), 2);
  world.sessions.commit(session);
  EXPECT_EQ(tom.get<int>("mine"), 1);
  EXPECT_EQ(tom.get<int>("theirs"), 2);
  EXPECT_EQ(world.count(scs::event_kind::conflict), 0);
}

TEST_F(load_fresh, does_not_end_the_session_that_a_revocation_spares) {
  scs::session session = tom.request();
  world.sessions.revoke_others(session);
  session.load_fresh();
  EXPECT_EQ(session.user(), "tom");
  world.sessions.revoke_all("tom");
  EXPECT_SCS_ERROR(session.load_fresh(), errc::session_gone);
}

TEST_F(load_fresh, is_a_plain_load_without_a_session) {
  browser nobody{world};
  scs::session session = nobody.request();
  session.load_fresh();
  session.put("cart", 1);
  session.load_fresh();
  nobody.finish(session);
  EXPECT_EQ(nobody.get<int>("cart"), 1);
}

TEST_F(load_fresh, fails_as_a_load_does) {
  world.faults->before(call::find, 1, [] { throw std::runtime_error("down"); });
  scs::session session = tom.request();
  EXPECT_SCS_ERROR(session.load_fresh(), errc::store_failed);
  EXPECT_SCS_ERROR(session.user(), errc::store_failed);
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
}

TEST_F(load_fresh, is_enough_under_the_explicit_policy) {
  scs::session session = tom.request(scs::load_policy::explicit_only);
  session.load_fresh();
  EXPECT_EQ(session.user(), "tom");
}

}  // namespace

}  // namespace test
