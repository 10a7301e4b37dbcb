// What sessions with users need of a store: rules 12 (users) and 18 (revocation) of
// docs/session-rules.md, through a manager.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <scs/scs.hpp>

#include "conformance/conformance.hpp"
#include "session_front.hpp"

namespace test {

namespace {

/// A browser's cookie at a manager.
class visitor {
 public:
  explicit visitor(scs::session_manager& sessions) : sessions_(&sessions) {}

  scs::session request() const { return sessions_->load(std::string_view{cookie_}); }

  void finish(scs::session& session) {
    for (const scs::header& line : sessions_->commit(session)) {
      if (line.name == "Set-Cookie") cookie_ = line.value.substr(0, line.value.find(';'));
    }
  }

  void log_in(std::string_view user) {
    scs::session session = request();
    session.set_user(user);
    finish(session);
  }

  scs::errc failure_of_login(std::string_view user) {
    try {
      log_in(user);
    } catch (const scs::error& failure) {
      return static_cast<scs::errc>(failure.code().value());
    }
    ADD_FAILURE() << "the login has succeeded";
    return {};
  }

  std::string user() const { return request().user(); }
  scs::session_id id() const { return request().id(); }

 private:
  scs::session_manager* sessions_;
  std::string cookie_;
};

scs::session::at_login at_login(bool renews) {
  return renews ? scs::session::at_login::renew : scs::session::at_login::keep_token;
}

/// Managers of a store whose calls may fail.
struct sessions_on {
  scs::store& store;
  const scs::clock& clock;
  before_call before{};

  scs::session_options options() const { return {.cookie = {.secure = false}, .clock = &clock}; }
  std::unique_ptr<scs::session_manager> manager(scs::session_options with) {
    auto front = front_of(store, [this](std::string_view call, const scs::session_id& id) {
      if (before) before(call, id);
    });
    return std::make_unique<scs::session_manager>(std::move(front), std::move(with));
  }
  std::unique_ptr<scs::session_manager> manager() { return manager(options()); }
};

}  // namespace

TEST_P(store_conformance, keeps_the_messages_of_requests_that_overlap) {
  sessions_on on{store(), clock()};
  const auto sessions = on.manager();
  visitor browser{*sessions};
  const auto texts = [&](scs::session& session) {
    std::string all;
    for (const scs::flash_message& each : session.flashes())
      all += each.text + ' ';
    return all;
  };
  scs::session first = browser.request();
  first.flash("first");
  browser.finish(first);
  scs::session slow = browser.request();
  scs::session fast = browser.request();
  EXPECT_EQ(texts(slow), "first ");
  slow.flash("slow");
  fast.flash("fast");
  browser.finish(fast);
  browser.finish(slow);
  scs::session last = browser.request();
  EXPECT_EQ(texts(last), "fast slow ");
  browser.finish(last);
  scs::session after = browser.request();
  EXPECT_EQ(texts(after), "");
}

TEST_P(store_conformance, keeps_an_idle_timeout_of_one_session) {
  sessions_on on{store(), clock()};
  const auto sessions = on.manager();
  visitor brief{*sessions};
  visitor lasting{*sessions};
  for (visitor* each : {&brief, &lasting}) {
    scs::session session = each->request();
    session.set_user("tom");
    if (each == &brief) session.set_idle_timeout(hours{1});
    session.expire_after(hours{12});
    each->finish(session);
  }
  for (int i = 0; i < 3; ++i) {  // longer than the timeout, with requests in between
    advance(std::chrono::minutes{40});
    scs::session session = brief.request();
    EXPECT_EQ(session.user(), "tom");
    EXPECT_EQ(session.idle_timeout(), hours{1});
    brief.finish(session);
  }
  advance(std::chrono::minutes{62});
  EXPECT_EQ(brief.user(), "");
  EXPECT_EQ(lasting.user(), "tom");
  scs::session shortened = lasting.request();
  shortened.set_idle_timeout(std::chrono::minutes{5});
  lasting.finish(shortened);
  advance(std::chrono::minutes{6});
  EXPECT_EQ(lasting.user(), "");
}

TEST_P(store_conformance, finds_a_session_and_its_watermark_together) {
  auto* const finder = dynamic_cast<scs::watermark_finder*>(&store());
  if (finder == nullptr) return;  // a manager calls find() twice then
  EXPECT_FALSE(finder->find_with_watermark(new_id()).session);
  EXPECT_FALSE(finder->find_with_watermark(new_id()).watermark);
  const auto nobodys = new_id();
  stored_for(nobodys, "");
  const scs::session_with_watermark of_nobody = finder->find_with_watermark(nobodys);
  EXPECT_TRUE(of_nobody.session);
  EXPECT_TRUE(of_nobody.user.empty());
  EXPECT_FALSE(of_nobody.watermark);
  using namespace std::string_literals;
  const std::vector<std::string> users{"tom",
                                       "t m",
                                       "=",
                                       "w:=",
                                       "\u00e9",
                                       "{tom}",
                                       "*?[]\\",
                                       "a\0b"s,
                                       "\n",
                                       "%",
                                       "'\"",
                                       "id",
                                       std::string(60, 'x'),
                                       std::string(61, 'x'),
                                       std::string(255, 'x')};
  for (const std::string& user : users) {
    const auto id = new_id();
    const auto mark = scs::watermark_id(user);
    stored_for(id, user);
    for (const bool marked : {false, true}) {
      if (marked) stored(mark, payload_for("", "mark of " + user));
      const scs::session_with_watermark both = finder->find_with_watermark(id);
      ASSERT_TRUE(both.session) << user;
      EXPECT_EQ(both.session->payload, payload_of(id));
      EXPECT_EQ(both.session->revision, store().find(id)->revision);
      if (both.user.empty()) {  // omitted: find() returns it
        EXPECT_FALSE(both.watermark);
        continue;
      }
      EXPECT_EQ(both.user, user);
      ASSERT_EQ(both.watermark.has_value(), marked) << user;
      if (marked) {
        EXPECT_EQ(both.watermark->payload, payload_of(mark));
      }
    }
  }
}

TEST_P(store_conformance, gives_each_user_a_watermark_of_their_own) {
  using namespace std::string_literals;
  std::vector<scs::session_id> ids;
  for (const std::string& user :
       {"tom"s, "Tom"s, "tom "s, "tom\0"s, ""s + '\x7f', std::string(60, 'x'), std::string(61, 'x'),
        std::string(62, 'x'), std::string(255, 'x'), "#"s, "\n"s}) {
    ids.push_back(scs::watermark_id(user));
    EXPECT_TRUE(scs::is_reserved(ids.back()));
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST_P(store_conformance, ends_what_a_revocation_has_met) {
  sessions_on all{store(), clock()};
  const auto sessions = all.manager();
  for (const std::string& user : {std::string{"tom"}, std::string(61, 'x'), std::string{"a\nb"}}) {
    visitor first{*sessions}, second{*sessions}, thief{*sessions};
    first.log_in(user);
    second.log_in(user);
    thief = second;
    scs::session pending = visitor{*sessions}.request();
    pending.load();
    scs::session stolen = thief.request();
    stolen.load();
    stolen.renew();
    EXPECT_EQ(sessions->revoke_all(user), 2U);
    EXPECT_EQ(first.user(), "");
    EXPECT_EQ(second.user(), "");
    pending.set_user(user);
    EXPECT_THROW(sessions->commit(pending), scs::error);
    EXPECT_THROW(thief.finish(stolen), scs::error);
    EXPECT_EQ(thief.user(), "");
    EXPECT_TRUE(sessions->sessions_of(user).empty());
    first.log_in(user);
    EXPECT_EQ(first.user(), user);
  }
}

TEST_P(store_conformance, passes_over_watermarks_when_it_lists_sessions) {
  sessions_on all{store(), clock()};
  const auto sessions = all.manager();
  visitor one{*sessions};
  one.log_in("tom");
  sessions->revoke_all("tom");
  one.log_in("tom");
  ASSERT_TRUE(store().find(scs::watermark_id("tom")));
  int visited = 0;
  const auto count = [&](scs::session& session) {
    EXPECT_EQ(session.user(), "tom");
    ++visited;
    return scs::visit::next;
  };
  sessions->iterate(count);
  EXPECT_EQ(visited, 1);
  sessions->iterate("tom", count);
  EXPECT_EQ(visited, 2);
  EXPECT_EQ(sessions->sessions_of("tom").size(), 1U);
  EXPECT_EQ(ids_of("tom").size(), 1U) << "the store has it as nobody's";
}

TEST_P(store_conformance, serves_no_user_whose_watermark_cannot_be_read) {
  sessions_on all{store(), clock()};
  const auto sessions = all.manager();
  visitor tom{*sessions}, nobody{*sessions};
  tom.log_in("tom");
  scs::session cart = nobody.request();
  cart.put("cart", 1);
  nobody.finish(cart);
  // Whichever call would return it.
  all.before = [](std::string_view call, const scs::session_id& id) {
    if (call == "find with watermark" || scs::is_reserved(id)) throw std::runtime_error("down");
  };
  scs::session session = tom.request();
  try {
    session.user();
    FAIL() << "served without a look at the watermark";
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::store_failed);
  }
  EXPECT_THROW(sessions->commit(session), scs::error);
  visitor other{*sessions};
  EXPECT_EQ(other.failure_of_login("tom"), scs::errc::store_failed);
  EXPECT_THROW(sessions->sessions_of("tom"), scs::error);
  all.before = {};
  EXPECT_EQ(sessions->sessions_of("tom").size(), 1U) << "the failed login has left nothing";
  EXPECT_EQ(tom.user(), "tom");
  store().commit(scs::watermark_id("tom"), payload_for("", "no moment"), in(hours{1}), std::nullopt,
                 "");
  EXPECT_THROW(tom.user(), scs::error) << "damaged";
}

TEST_P(store_conformance, revokes_nothing_of_another_user) {
  sessions_on all{store(), clock()};
  const auto sessions = all.manager();
  visitor visitor_of_tom{*sessions};
  visitor_of_tom.log_in("tom");
  const scs::session_id old = visitor_of_tom.id();
  {
    scs::session session = visitor_of_tom.request();
    session.renew();
    visitor_of_tom.finish(session);
  }
  ASSERT_NE(visitor_of_tom.id(), old) << "a tombstone of Tom's leads to it";
  {
    scs::session session = visitor_of_tom.request();
    session.set_user("ann", {}, scs::session::at_login::keep_token);
    visitor_of_tom.finish(session);
  }
  EXPECT_FALSE(sessions->revoke("ann", old));
  EXPECT_EQ(visitor_of_tom.user(), "ann");
  sessions->revoke("tom", old);
  EXPECT_EQ(visitor_of_tom.user(), "ann") << "what was Tom's is Ann's by now";
  sessions->revoke_all("tom");
  EXPECT_EQ(visitor_of_tom.user(), "ann");
  EXPECT_FALSE(sessions->revoke("tom", visitor_of_tom.id()));
  EXPECT_EQ(visitor_of_tom.user(), "ann");
  EXPECT_TRUE(sessions->revoke("ann", visitor_of_tom.id()));
  EXPECT_EQ(visitor_of_tom.user(), "");
}

TEST_P(store_conformance, follows_a_tombstone_to_the_same_users_session) {
  sessions_on all{store(), clock()};
  const auto sessions = all.manager();
  visitor tom{*sessions};
  tom.log_in("tom");
  const scs::session_id old = tom.id();
  scs::session session = tom.request();
  session.renew();
  tom.finish(session);
  EXPECT_TRUE(sessions->revoke("tom", old));
  EXPECT_EQ(tom.user(), "");
}

TEST_P(store_conformance, refuses_a_login_beyond_the_limit_if_told_to) {
  sessions_on all{store(), clock()};
  scs::session_options limited = all.options();
  limited.max_sessions_per_user = 2;
  limited.beyond_user_limit = scs::user_limit_policy::refuse_new;
  const auto sessions = all.manager(limited);
  visitor a{*sessions}, b{*sessions}, c{*sessions};
  a.log_in("tom");
  b.log_in("tom");
  scs::session cart = c.request();
  cart.put("cart", 7);
  c.finish(cart);
  for (const bool renews : {true, false}) {
    scs::session login = c.request();
    login.set_user("tom", {}, at_login(renews));
    try {
      c.finish(login);
      ADD_FAILURE() << "a third session";
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::too_many_sessions);
      EXPECT_EQ(scs::http_status(failure.code()), 409);
    }
    for (const scs::header& line : sessions->abandon(login))
      EXPECT_NE(line.name, "Set-Cookie");
    EXPECT_EQ(sessions->sessions_of("tom").size(), 2U);
    EXPECT_EQ(c.user(), "");
    EXPECT_EQ(c.request().get<int>("cart"), 7) << "the session stays what it was";
  }
  a.log_in("tom");
  EXPECT_EQ(a.user(), "tom") << "the same session once more";
  EXPECT_EQ(b.user(), "tom");
  scs::session ended = b.request();
  ended.destroy();
  sessions->commit(ended);
  c.log_in("tom");
  EXPECT_EQ(c.user(), "tom");
  EXPECT_EQ(c.request().get<int>("cart"), 7);
}

TEST_P(store_conformance, lets_no_login_through_that_cannot_be_counted) {
  sessions_on all{store(), clock()};
  for (const auto policy :
       {scs::user_limit_policy::end_oldest, scs::user_limit_policy::refuse_new}) {
    scs::session_options limited = all.options();
    limited.max_sessions_per_user = 2;
    limited.beyond_user_limit = policy;
    // A separate user for each: only a manager's own logins certainly come after its revocations
    // immediately.
    const std::string user = "user " + std::to_string(static_cast<int>(policy));
    const auto sessions = all.manager(limited);
    for (const bool renews : {true, false}) {
      for (const int listing : {1, 2}) {
        int listed = 0;
        all.before = [&](std::string_view call, const scs::session_id&) {
          if (call == "list" && ++listed == listing) throw std::runtime_error("down");
        };
        visitor a{*sessions};
        scs::session login = a.request();
        login.set_user(user, {}, at_login(renews));
        bool failed = false;
        try {
          a.finish(login);
        } catch (const scs::error& failure) {
          failed = true;
          EXPECT_EQ(failure.code(), scs::errc::store_failed);
          for (const scs::header& line : sessions->abandon(login))
            EXPECT_NE(line.name, "Set-Cookie");
        }
        EXPECT_EQ(failed, listed >= listing);
        EXPECT_EQ(a.user(), failed ? "" : user);
        all.before = {};
        EXPECT_EQ(sessions->sessions_of(user).size(), failed ? 0U : 1U);
        sessions->revoke_all(user);
      }
    }
  }
}

TEST_P(store_conformance, keeps_to_the_limit_when_logins_meet) {
  sessions_on all{store(), clock()};
  for (const auto policy :
       {scs::user_limit_policy::end_oldest, scs::user_limit_policy::refuse_new}) {
    scs::session_options limited = all.options();
    limited.max_sessions_per_user = 2;
    limited.beyond_user_limit = policy;
    // A separate user for each: only a manager's own logins certainly come after its revocations
    // immediately.
    const std::string user = "user " + std::to_string(static_cast<int>(policy));
    limited.store_timeout = seconds{60};
    const auto sessions = all.manager(limited);
    run_threads(4, [&](int) {
      try {
        scs::session login = sessions->load(std::string_view{});
        login.set_user(user);
        sessions->commit(login);
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), policy == scs::user_limit_policy::refuse_new
                                      ? scs::errc::too_many_sessions
                                      : scs::errc::session_gone);
      }
    });
    EXPECT_EQ(sessions->sessions_of(user).size(), 2U);
    sessions->revoke_all(user);
  }
}

TEST_P(store_conformance, lets_nobody_act_who_has_been_revoked_elsewhere) {
  sessions_on all{store(), clock()};
  const auto sessions = all.manager();
  visitor tom{*sessions};
  tom.log_in("tom");
  EXPECT_EQ(tom.user(), "tom");
  for (const bool loaded_before : {false, true}) {
    scs::session session = tom.request();
    if (loaded_before) session.load();
    session.load_fresh();
    EXPECT_EQ(session.user(), "tom");
  }
  scs::session late = tom.request();
  late.load();
  late.put("transfer", 1000);
  sessions->revoke_all("tom");
  try {
    late.load_fresh();
    FAIL() << "a session that has ended has acted";
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::session_gone);
  }
  EXPECT_THROW(sessions->commit(late), scs::error);
  scs::session fresh = tom.request();
  fresh.load_fresh();
  EXPECT_EQ(fresh.user(), "");
}

}  // namespace test
