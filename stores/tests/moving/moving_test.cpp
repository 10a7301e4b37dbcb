#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/store/watermark.hpp>
#include <scs/store_clock.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/moving.hpp>

#include "faulty_store.hpp"
#include "moving/marks.hpp"
#include "moving/two_stores.hpp"
#include "session_clock.hpp"

namespace test {

namespace {

using scs::stores::moving;
using scs::stores::moving_options;
using scs::stores::moving_stage;
using std::chrono::hours;

/// A site whose servers are restarted stage by stage. Visitors keep their cookies.
class moving_site : public testing::Test {
 protected:
  std::unique_ptr<scs::session_manager> server(std::unique_ptr<scs::store> on) {
    return std::make_unique<scs::session_manager>(std::move(on),
                                                  scs::session_options{.clock = &clock});
  }
  std::unique_ptr<scs::session_manager> old_server() {
    return server(std::make_unique<store_front>(from));
  }
  std::unique_ptr<scs::session_manager> server(moving_stage stage) {
    return server(server_between(from, to, stage, clock));
  }
  std::unique_ptr<scs::session_manager> new_server() {
    return server(std::make_unique<store_front>(to));
  }

  std::string log_in(scs::session_manager& at, std::string_view user) {
    scs::session session = at.load("");
    session.set_user(user);
    session.put("visits", 0);
    at.commit(session);
    return at.cookie_name() + "=" + session.token();
  }

  /// Counts a visit. Returns the session's user.
  std::string visit(scs::session_manager& at, std::string& cookie) {
    scs::session session = at.load(std::string_view{cookie});
    if (!session.user().empty()) session.put("visits", session.get_or("visits", 0) + 1);
    at.commit(session);
    const std::string token{session.token()};
    if (!token.empty()) cookie = at.cookie_name() + "=" + token;
    return std::string{session.user()};
  }

  session_clock clock;
  scs::stores::memory from{{.clock = &clock}}, to{{.clock = &clock}};
};

TEST_F(moving_site, logs_nobody_out_in_three_restarts) {
  const auto old = old_server();
  std::string ada = log_in(*old, "ada"), tom = log_in(*old, "tom");
  {
    const auto first = server(moving_stage::prepare);
    EXPECT_EQ(visit(*first, ada), "ada");
    EXPECT_EQ(visit(*old, ada), "ada") << "the old server knows nothing of the move";
    std::string eve = log_in(*first, "eve");
    EXPECT_EQ(visit(*old, eve), "eve");
    EXPECT_TRUE(first->revoke_all("eve"));
    EXPECT_EQ(visit(*old, eve), "");
  }
  EXPECT_EQ(to.size(), 0U);
  {
    const auto first = server(moving_stage::prepare), second = server(moving_stage::move);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(visit(*second, ada), "ada");
      EXPECT_EQ(visit(*first, ada), "ada");
    }
    std::string lin = log_in(*second, "lin");
    EXPECT_EQ(visit(*first, lin), "lin");
    EXPECT_EQ(first->sessions_of("ada").size(), 1U);
    EXPECT_EQ(second->sessions_of("tom").size(), 1U);
    auto& between = dynamic_cast<moving&>(second->store());
    EXPECT_EQ(between.move_rest(), 2U) << "a session and a revocation";
    EXPECT_EQ(from.size(), 0U);
    EXPECT_EQ(between.move_rest(), 0U);
  }
  const auto last = new_server();
  EXPECT_EQ(visit(*last, ada), "ada");
  EXPECT_EQ(visit(*last, tom), "tom");
  scs::session session = last->load(std::string_view{ada});
  EXPECT_EQ(session.get_or("visits", 0), 7);
  EXPECT_EQ(last->sessions_of("tom").size(), 1U);
  EXPECT_EQ(last->revoke_all("tom"), 1U);
  EXPECT_EQ(visit(*last, tom), "");
}

TEST_F(moving_site, goes_back_before_the_last_restart) {
  const auto second = server(moving_stage::move);
  std::string ada = log_in(*old_server(), "ada");
  EXPECT_EQ(visit(*second, ada), "ada");
  EXPECT_EQ(from.size(), 0U);
  // Back to the previous stage, which leaves the session where it is. Then the same move in the
  // other direction.
  EXPECT_EQ(visit(*server(moving_stage::prepare), ada), "ada");
  auto back = server_between(to, from, moving_stage::move, clock);
  EXPECT_EQ(back->move_rest(), 1U);
  EXPECT_EQ(visit(*old_server(), ada), "ada");
  EXPECT_EQ(to.size(), 0U);
}

TEST_F(moving_site, ends_sessions_in_both_stores) {
  const auto first = server(moving_stage::prepare), second = server(moving_stage::move);
  std::string here = log_in(*first, "ada"), there = log_in(*second, "ada");
  EXPECT_EQ(first->sessions_of("ada").size(), 2U);
  EXPECT_EQ(second->revoke_all("ada"), 2U);
  EXPECT_EQ(visit(*first, here), "");
  EXPECT_EQ(visit(*first, there), "");
  for (int i = 0; i < 2; ++i) {
    std::string cookie = log_in(i == 0 ? *first : *second, "tom");
    scs::session session = (i == 0 ? *second : *first).load(std::string_view{cookie});
    session.destroy();
    (i == 0 ? *second : *first).commit(session);
    EXPECT_EQ(visit(*first, cookie), "");
    EXPECT_EQ(visit(*second, cookie), "");
  }
}

TEST_F(moving_site, has_servers_of_one_store_that_read_the_claim_of_a_watermark) {
  auto plain = old_server();
  std::string cookie = log_in(*plain, "tom");
  const auto id = scs::watermark_id("tom");
  const std::string claim = scs::stores::marks::arriving(id, scs::stores::marks::new_move());
  from.commit(id, claim, clock.now() + hours{1}, std::nullopt, {});
  EXPECT_EQ(visit(*plain, cookie), "tom");
  EXPECT_EQ(plain->revoke_all("tom"), 1U);
  EXPECT_EQ(visit(*plain, cookie), "");
}

/// Does something else in place of the next touch.
class touched_store final : public store_front {
 public:
  using store_front::store_front;

  std::function<bool()> in_place_of_touch{};

  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    return in_place_of_touch ? std::exchange(in_place_of_touch, {})()
                             : store_front::touch(id, expiry);
  }
};

TEST_F(moving_site, keeps_a_touch_that_comes_while_the_session_moves) {
  const auto id = scs::token::generate().id();
  const auto expiry = clock.now() + hours{1}, later = clock.now() + hours{2};
  const auto made = from.commit(id, "x", expiry, std::nullopt, "");
  ASSERT_EQ(made.result, scs::commit_result::outcome::committed);
  auto touched = std::make_unique<touched_store>(from);
  touched_store& in_old = *touched;
  auto target = std::make_unique<faulty_store>(std::make_shared<store_front>(to));
  // When the touch comes, the mover has read the expiry of the mark, and the touch has found the
  // session.
  bool was_there = false;
  target->before(faulty_store::call::commit, 2, [&] { was_there = from.touch(id, later); });
  const moving_options at{.stage = moving_stage::move, .clock = &clock};
  moving toucher{std::move(touched), std::make_unique<store_front>(to), at};
  moving mover{std::make_unique<store_front>(from), std::move(target), at};

  in_old.in_place_of_touch = [&] {
    const auto found = mover.find(id);
    EXPECT_EQ(mover.commit(id, "y", expiry, found->revision, "").result,
              scs::commit_result::outcome::committed);
    return was_there;
  };
  EXPECT_TRUE(toucher.touch(id, later));
  EXPECT_TRUE(was_there);
  EXPECT_EQ(to.find(id)->expiry, later);
}

TEST_F(moving_site, goes_by_the_later_of_two_clocks) {
  class clocked_store final : public store_front, public scs::store_clock {
   public:
    using store_front::store_front;
    scs::time_point engine_time(const scs::session_id&) override { return time; }
    scs::time_point time{};
  };
  auto with_clock = std::make_unique<clocked_store>(to);
  clocked_store& clocked = *with_clock;
  moving store{std::make_unique<store_front>(from), std::move(with_clock), {.clock = &clock}};
  const auto id = scs::watermark_id("tom");
  clocked.time = clock.now() - hours{1};
  EXPECT_EQ(store.engine_time(id), clock.now());
  clocked.time = clock.now() + hours{1};
  EXPECT_EQ(store.engine_time(id), clocked.time);
}

TEST_F(moving_site, refuses_to_move_the_rest_too_early_and_to_have_one_store) {
  const auto code_of = [](const auto& call) {
    try {
      call();
    } catch (const scs::error& failure) {
      return failure.code();
    }
    return std::error_code{};
  };
  EXPECT_EQ(code_of([&] { server_between(from, to, moving_stage::prepare, clock)->move_rest(); }),
            scs::errc::invalid_options);
  EXPECT_EQ(code_of([&] { moving(nullptr, std::make_unique<store_front>(to)); }),
            scs::errc::invalid_options);
  EXPECT_EQ(code_of([&] { moving(std::make_unique<store_front>(from), nullptr); }),
            scs::errc::invalid_options);
}

// docs/choosing-a-store.md contains these numbers.
TEST_F(moving_site, costs_as_many_calls_as_its_page_says) {
  const auto shared = [](scs::store& kept) { return std::make_shared<store_front>(kept); };
  auto old_one = std::make_unique<faulty_store>(shared(from));
  auto new_one = std::make_unique<faulty_store>(shared(to));
  const faulty_store &in_old = *old_one, &in_new = *new_one;
  moving store{
      std::move(old_one), std::move(new_one), {.stage = moving_stage::move, .clock = &clock}};
  const auto calls_of = [&](const auto& call) {
    const int before = in_old.calls() + in_new.calls();
    call();
    return in_old.calls() + in_new.calls() - before;
  };
  const auto expiry = clock.now() + hours{1};
  const auto fresh_id = [] { return scs::token::generate().id(); };

  EXPECT_EQ(calls_of([&] { store.find(fresh_id()); }), 1 + 2) << "an unknown id";
  EXPECT_EQ(calls_of([&] { store.commit(fresh_id(), "x", expiry, std::nullopt, ""); }), 1 + 1);

  const auto id = fresh_id();
  from.commit(id, "x", expiry, std::nullopt, "tom");
  std::optional<scs::record> found;
  EXPECT_EQ(calls_of([&] { found = store.find(id); }), 1 + 1) << "in the old store";
  scs::commit_result done;
  EXPECT_EQ(calls_of([&] { done = store.commit(id, "y", expiry, found->revision, "tom"); }), 1 + 7)
      << "the commit that moves it";
  EXPECT_EQ(done.result, scs::commit_result::outcome::committed);
  EXPECT_EQ(calls_of([&] { found = store.find(id); }), 1) << "in the new store";
  EXPECT_EQ(calls_of([&] { store.commit(id, "z", expiry, found->revision, "tom"); }), 1 + 1);
  EXPECT_EQ(calls_of([&] { store.touch(id, expiry + hours{1}); }), 1 + 2);
  EXPECT_EQ(calls_of([&] { store.erase(id); }), 1 + 2);
}

}  // namespace

}  // namespace test
