// What runs on the thread that serves a connection, and what runs where the store may block.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/http/beast.hpp>

#include "beast_adapter.hpp"
#include "fake_store.hpp"

namespace scs::http::tests {

namespace {

/// Sessions with an idle timeout in a store of this kind, and handlers that use them.
template <class Store>
class beast_with : public beast_adapter {
 protected:
  using handler =
      std::function<net::awaitable<beast_response>(beast_exchange&, const beast_request&)>;

  Store& store() { return static_cast<Store&>(with_idle_timeout_.store()); }
  beast_response ask(const std::string& cookie, const handler& handle) {
    return run(respond(with_idle_timeout_, executor_.get_executor(), request(cookie), handle));
  }
  bool was_called_here() { return store().thread.load() == std::this_thread::get_id(); }

  static net::awaitable<beast_response> look(beast_exchange& exchange, const beast_request&) {
    co_await exchange.load();
    co_return beast_response{};
  }
  static net::awaitable<beast_response> add_one(beast_exchange& exchange, const beast_request&) {
    co_await exchange.load();
    exchange.session().put("n", exchange.session().get<int>("n").value_or(0) + 1);
    co_return beast_response{};
  }
  static net::awaitable<beast_response> fail(beast_exchange& exchange, const beast_request&) {
    co_await exchange.load();
    throw std::runtime_error("on purpose");
  }
  std::optional<int> number(const std::string& cookie) {
    return with_idle_timeout_.load(cookie).get<int>("n");
  }

  class turned_clock final : public clock {
   public:
    time_point now() const noexcept override { return moment; }
    time_point moment = clock::system().now();
  } clock_;
  net::thread_pool executor_{2};
  session_manager with_idle_timeout_{
      std::make_unique<Store>(),
      {.idle_timeout = std::chrono::minutes{10}, .cookie = {.secure = false}, .clock = &clock_}};
};

using beast_blocking = beast_with<fake_store>;
using beast_waiting = beast_with<nonblocking_fake_store>;

TEST_F(beast_waiting, commits_in_place_what_the_store_can_commit_at_once) {
  const std::string cookie = cookie_of(ask("", add_one));
  EXPECT_TRUE(was_called_here());
  ask(cookie, add_one);
  EXPECT_TRUE(was_called_here());
  EXPECT_EQ(store().tries, 2);
  EXPECT_EQ(number(cookie), 2);
}

TEST_F(beast_blocking, calls_the_store_on_the_executor_only) {
  const std::string cookie = cookie_of(ask("", add_one));
  EXPECT_FALSE(was_called_here());
  ask(cookie, add_one);
  EXPECT_FALSE(was_called_here());
  clock_.moment += std::chrono::minutes{5};
  ask(cookie, look);
  EXPECT_FALSE(was_called_here());
  EXPECT_EQ(number(cookie), 2);
}

TEST_F(beast_blocking, does_not_load_at_once) {
  const std::string cookie = cookie_of(ask("", add_one));
  const int before = store().calls;
  ask(cookie,
      [&](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
        EXPECT_FALSE(exchange.try_load());
        EXPECT_EQ(store().calls, before);
        co_await exchange.load();
        EXPECT_EQ(exchange.session().get<int>("n"), 1);
        EXPECT_TRUE(exchange.try_load());
        co_return beast_response{};
      });
  EXPECT_FALSE(was_called_here());
}

TEST_F(beast_waiting, loads_and_commits_a_plain_functions_session_on_the_executor) {
  const auto add = [](session& session, const beast_request&) {
    session.put("n", session.get<int>("n").value_or(0) + 1);
    return beast_response{};
  };
  const auto ask_plainly = [&](const std::string& cookie) {
    return run(respond(with_idle_timeout_, executor_.get_executor(), request(cookie), add));
  };
  const std::string cookie = cookie_of(ask_plainly(""));
  EXPECT_FALSE(was_called_here());
  ask_plainly(cookie);
  EXPECT_FALSE(was_called_here());
  EXPECT_EQ(store().tries, 0);
  EXPECT_EQ(number(cookie), 2);
}

TEST_F(beast_waiting, commits_on_the_executor_after_a_try_in_vain) {
  store().tries_in_vain = true;
  const std::string cookie = cookie_of(ask("", add_one));
  EXPECT_FALSE(was_called_here());
  ask(cookie, add_one);
  EXPECT_FALSE(was_called_here());
  EXPECT_EQ(store().tries, 2);
  EXPECT_EQ(store().size(), 1U);
  EXPECT_EQ(number(cookie), 2);
}

TEST_F(beast_waiting, loads_at_once_from_a_store_that_answers_from_memory) {
  const std::string cookie = cookie_of(ask("", add_one));
  ask(cookie, [](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
    EXPECT_TRUE(exchange.try_load());
    EXPECT_EQ(exchange.session().get<int>("n"), 1);
    EXPECT_TRUE(exchange.try_load());
    co_return beast_response{};
  });
  EXPECT_TRUE(was_called_here());
}

TEST_F(beast_waiting, settles_a_conflict_on_the_executor) {
  const std::string cookie = cookie_of(ask("", add_one));
  ask(cookie,
      [&](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
        co_await exchange.load();
        exchange.session().put("mine", true);
        session other = with_idle_timeout_.load(cookie);
        other.put("n", 7);
        with_idle_timeout_.commit(other);
        co_return beast_response{};
      });
  EXPECT_FALSE(was_called_here());
  EXPECT_EQ(number(cookie), 7);
  EXPECT_EQ(with_idle_timeout_.load(cookie).get<bool>("mine"), true);
}

TEST_F(beast_waiting, renews_on_the_executor_which_takes_two_calls) {
  const std::string cookie = cookie_of(ask("", add_one));
  const std::string next = cookie_of(ask(
      cookie, [](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
        co_await exchange.load();
        exchange.session().renew();
        co_return beast_response{};
      }));
  EXPECT_FALSE(was_called_here());
  EXPECT_EQ(store().tries, 1);
  EXPECT_EQ(number(next), 1);
  EXPECT_EQ(number(cookie), std::nullopt);
}

TEST_F(beast_waiting, waits_on_the_executor_until_a_logout_is_durable) {
  for (const bool fails : {false, true}) {
    const std::string cookie = cookie_of(ask("", add_one));
    const int syncs = store().syncs;
    ask(cookie,
        [&](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
          co_await exchange.load();
          co_await exchange.run([](session& session) { session.destroy(); });
          EXPECT_EQ(store().syncs, syncs) << "that is left to the commit";
          if (fails) throw std::runtime_error("on purpose");
          co_return beast_response{};
        });
    EXPECT_EQ(store().syncs, syncs + 1);
    EXPECT_FALSE(was_called_here());
    EXPECT_EQ(number(cookie), std::nullopt);
  }
}

TEST_F(beast_waiting, extends_no_idle_time_for_a_passive_request) {
  const std::string cookie = cookie_of(ask("", add_one));
  clock_.moment += std::chrono::minutes{5};
  const auto options =
      std::make_shared<const beast_options>(beast_options{.activity = request_activity::passive});
  for (const handler& handle : {handler(look), handler(fail)}) {
    const int before = store().calls;
    run(respond(with_idle_timeout_, executor_.get_executor(), request(cookie), handle, options));
    EXPECT_EQ(store().calls, before + 1);
    EXPECT_TRUE(was_called_here()) << "there is nothing to wait for";
  }
}

TEST_F(beast_waiting, extends_the_idle_time_where_the_store_lets_it) {
  const std::string cookie = cookie_of(ask("", add_one));
  const auto calls_of_a_look = [&] {
    const int before = store().calls;
    ask(cookie, look);
    return store().calls - before;
  };
  EXPECT_EQ(calls_of_a_look(), 1);  // nothing to extend: no touch
  EXPECT_TRUE(was_called_here());

  clock_.moment += std::chrono::minutes{5};
  EXPECT_EQ(calls_of_a_look(), 2);
  EXPECT_TRUE(was_called_here());

  clock_.moment += std::chrono::minutes{5};
  store().tries_in_vain = true;
  EXPECT_EQ(calls_of_a_look(), 2);
  EXPECT_FALSE(was_called_here());

  clock_.moment += std::chrono::minutes{9};
  EXPECT_EQ(number(cookie), 1);  // each request extended it
}

TEST_F(beast_waiting, extends_the_idle_time_on_the_executor_after_a_handler_that_threw) {
  const std::string cookie = cookie_of(ask("", add_one));
  clock_.moment += std::chrono::minutes{5};
  const int before = store().calls;
  EXPECT_EQ(ask(cookie, fail).result_int(), 500U);
  EXPECT_EQ(store().calls, before + 2);  // find, touch
  EXPECT_FALSE(was_called_here());
}

}  // namespace

}  // namespace scs::http::tests
