#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <buntdb/buntdb.hpp>
#include <scs/http/beast_listener.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/memory.hpp>

#include "connection_conformance.hpp"

namespace scs::http::tests {

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;

/// Calls a function when it goes.
class at_exit {
 public:
  explicit at_exit(std::function<void()> call) : call_(std::move(call)) {}
  at_exit(const at_exit&) = delete;
  at_exit& operator=(const at_exit&) = delete;
  ~at_exit() {
    if (call_) call_();
  }

 private:
  std::function<void()> call_;
};

class beast_server final : public adapter_server {
 public:
  explicit beast_server(session_manager& sessions) : sessions_(sessions) {}
  ~beast_server() override { beast_server::stop(); }

  void route(const std::string& target, neutral_handler handler, neutral_error_function on_error,
             std::function<void(const failure&)> on_failure) override {
    beast_options options{.on_failure = std::move(on_failure)};
    if (on_error) {
      options.on_error = [on_error = std::move(on_error)](const std::exception_ptr& cause,
                                                          beast_response& answer) {
        reply reply;
        at_exit fills([&] { fill(reply, answer); });
        on_error(cause, reply);
      };
    }
    routes_[target] = {std::move(handler),
                       std::make_shared<const beast_options>(std::move(options))};
  }

  void default_header(const std::string& name, const std::string& value) override {
    default_headers_.emplace_back(name, value);
  }

  int start() override {
    listener_.emplace(listener_options{.stop_timeout = std::chrono::seconds{1},
                                       .on_signal = listener_options::signals::leave});
    thread_ = std::thread([this] {
      listener_->run([this](listener::connection& connection, const beast_request& request) {
        return answer(connection, request);
      });
    });
    return listener_->port();
  }

  void stop() override {
    if (!thread_.joinable()) return;
    listener_->stop();
    thread_.join();
  }

 private:
  struct routed {
    neutral_handler handler;
    std::shared_ptr<const beast_options> options;
  };

  template <class Body>
  static void fill(const reply& from, beast::http::response<Body>& to) {
    for (const auto& [name, value] : from.headers)
      to.insert(name, value);
    if (!from.redirect_to.empty()) {
      to.result(beast::http::status::found);
      to.set(beast::http::field::location, from.redirect_to);
    }
    if (from.status != 0) to.result(static_cast<unsigned>(from.status));
    if constexpr (std::is_same_v<Body, beast::http::string_body>) to.body() = from.body;
  }

  net::awaitable<bool> answer(listener::connection& connection, const beast_request& request) {
    const std::string target(request.target());
    const auto found = routes_.find(target);
    if (found == routes_.end()) co_return false;
    const routed& route = found->second;
    reply reply;
    at_exit released([&] {
      if (reply.stream_released) reply.stream_released();
    });
    // A stream has a head of its own; what a handler wants is known when it has run.
    beast_exchange exchange(sessions_, connection.store(), request);
    bool streams = false;
    beast::http::response<beast::http::empty_body> head{beast::http::status::ok, 11};
    const auto handler = [&](beast_exchange& of,
                             const beast_request&) -> net::awaitable<beast_response> {
      co_await of.run([&](session& session) { route.handler(session, reply); });
      streams = static_cast<bool>(reply.next_chunk);
      beast_response full{beast::http::status::ok, 11};
      fill(reply, full);
      co_return full;
    };
    beast_response full = co_await respond_with(exchange, request, handler, route.options);
    const bool succeeded = full.result_int() / 100 == 2;  // not an error function's page
    if (streams && succeeded) {
      head.result(full.result());
      for (const auto& field : full)
        if (field.name() != beast::http::field::content_length)
          head.insert(field.name_string(), field.value());
      co_return co_await write_stream(connection, exchange, std::move(head),
                                      std::move(reply.next_chunk), route.options);
    }
    for (const auto& [name, value] : default_headers_)
      full.set(name, value);
    co_return co_await connection.send(std::move(full));
  }

  session_manager& sessions_;
  std::optional<listener> listener_;
  std::map<std::string, routed> routes_;
  std::vector<std::pair<std::string, std::string>> default_headers_;
  std::thread thread_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(beast, adapter, beast_server);
INSTANTIATE_TYPED_TEST_SUITE_P(beast, adapter_connection, beast_server);

namespace {

/// A coroutine's result.
template <class Value>
Value run(net::awaitable<Value> coroutine) {
  net::io_context io;
  auto future = net::co_spawn(io, std::move(coroutine), net::use_future);
  io.run();
  return future.get();
}

class beast_adapter : public testing::Test {
 protected:
  beast_request request(const std::string& cookie = "") const {
    beast_request made{beast::http::verb::get, "/", 11};
    if (!cookie.empty()) made.set(beast::http::field::cookie, cookie);
    return made;
  }
  static std::string cookie_of(const beast_response& answer) {
    const std::string line(answer[beast::http::field::set_cookie]);
    return line.substr(0, line.find(';'));
  }

  session_manager sessions_{std::make_unique<scs::stores::memory>(), {.cookie = {.secure = false}}};
  net::thread_pool store_{2};
};

TEST_F(beast_adapter, runs_a_plain_handler_on_the_stores_executor) {
  std::thread::id where;
  const beast_response answer = run(respond(sessions_, store_.get_executor(), request(),
                                            [&](session& session, const beast_request&) {
                                              where = std::this_thread::get_id();
                                              session.put("visits", 1);
                                              beast_response made{beast::http::status::ok, 11};
                                              made.body() = "done";
                                              return made;
                                            }));
  EXPECT_NE(where, std::this_thread::get_id());
  EXPECT_EQ(answer.body(), "done");
  EXPECT_THAT(cookie_of(answer), testing::StartsWith("session="));
  EXPECT_EQ(answer[beast::http::field::content_length], "4");
}

TEST_F(beast_adapter, runs_a_coroutine_where_the_connection_is_served) {
  const auto count = [&](beast_exchange& exchange,
                         const beast_request&) -> net::awaitable<beast_response> {
    const auto here = std::this_thread::get_id();
    co_await exchange.load();
    EXPECT_EQ(std::this_thread::get_id(), here);
    const int visits = exchange.session().get<int>("visits").value_or(0) + 1;
    exchange.session().put("visits", visits);
    beast_response made{beast::http::status::ok, 11};
    made.body() = std::to_string(visits);
    co_return made;
  };
  const beast_response first = run(respond(sessions_, store_.get_executor(), request(), count));
  const beast_response second =
      run(respond(sessions_, store_.get_executor(), request(cookie_of(first)), count));
  EXPECT_EQ(first.body(), "1");
  EXPECT_EQ(second.body(), "2");
}

TEST_F(beast_adapter, asks_a_store_on_the_connections_thread_only_if_it_cannot_wait) {
  auto owned = std::make_unique<fake_store>();
  fake_store& store = *owned;
  session_manager sessions{std::move(owned), {.cookie = {.secure = false}}};
  const auto here = std::this_thread::get_id();
  std::thread::id loaded_on;
  const auto look_and_change = [&](beast_exchange& exchange,
                                   const beast_request&) -> net::awaitable<beast_response> {
    co_await exchange.load();
    loaded_on = store.thread;
    EXPECT_EQ(std::this_thread::get_id(), here);
    exchange.session().put("n", exchange.session().get<int>("n").value_or(0) + 1);
    co_return beast_response{};
  };
  const auto ask = [&](const std::string& cookie) {
    return run(respond(sessions, store_.get_executor(), request(cookie), look_and_change));
  };
  const std::string cookie = cookie_of(ask(""));
  ask(cookie);
  EXPECT_NE(loaded_on, here);
  EXPECT_NE(store.thread.load(), here);  // the commit

  store.finds_may_wait = false;
  ask(cookie);
  EXPECT_EQ(loaded_on, here);
  EXPECT_NE(store.thread.load(), here);  // a commit may wait all the same
  EXPECT_EQ(sessions.load(cookie).get<int>("n"), 3);

  store.finds_fail = true;
  EXPECT_EQ(ask(cookie).result_int(), 503U);
}

/// Sessions in a store that says what may wait, and handlers that use them.
class beast_waiting : public beast_adapter {
 protected:
  using handler =
      std::function<net::awaitable<beast_response>(beast_exchange&, const beast_request&)>;

  beast_waiting() { store().finds_may_wait = false; }

  fake_store& store() { return static_cast<fake_store&>(with_idle_timeout_.store()); }
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
      std::make_unique<fake_store>(),
      {.idle_timeout = std::chrono::minutes{10}, .cookie = {.secure = false}, .clock = &clock_}};
};

TEST_F(beast_waiting, commits_in_place_what_the_store_can_commit_at_once) {
  store().commits_wait = false;
  const std::string cookie = cookie_of(ask("", add_one));
  EXPECT_TRUE(was_called_here());
  ask(cookie, add_one);
  EXPECT_TRUE(was_called_here());
  EXPECT_EQ(store().tries, 2);
  EXPECT_EQ(number(cookie), 2);
}

TEST_F(beast_waiting, never_tries_a_store_that_waits_on_the_connections_thread) {
  const std::string cookie = cookie_of(ask("", add_one));
  EXPECT_FALSE(was_called_here());
  ask(cookie, add_one);
  EXPECT_FALSE(was_called_here());
  clock_.moment += std::chrono::minutes{5};
  ask(cookie, look);
  EXPECT_FALSE(was_called_here());
  EXPECT_EQ(store().tries, 0);
  EXPECT_EQ(number(cookie), 2);
}

TEST_F(beast_waiting, commits_on_the_executor_after_a_try_in_vain) {
  store().commits_wait = false;
  store().tries_in_vain = true;
  const std::string cookie = cookie_of(ask("", add_one));
  EXPECT_FALSE(was_called_here());
  ask(cookie, add_one);
  EXPECT_FALSE(was_called_here());
  EXPECT_EQ(store().tries, 2);
  EXPECT_EQ(store().size(), 1U);
  EXPECT_EQ(number(cookie), 2);
}

TEST_F(beast_waiting, loads_at_once_only_from_a_store_that_answers_from_memory) {
  const std::string cookie = cookie_of(ask("", add_one));
  bool loaded = false;
  const auto try_to = [&](beast_exchange& exchange,
                          const beast_request&) -> net::awaitable<beast_response> {
    loaded = exchange.try_load();
    if (!loaded) co_await exchange.load();
    EXPECT_EQ(exchange.session().get<int>("n"), 1);
    EXPECT_TRUE(exchange.try_load());
    co_return beast_response{};
  };
  ask(cookie, try_to);
  EXPECT_TRUE(loaded);
  EXPECT_TRUE(was_called_here());
  store().finds_may_wait = true;
  ask(cookie, try_to);
  EXPECT_FALSE(loaded);
  EXPECT_FALSE(was_called_here());
}

TEST_F(beast_waiting, settles_a_conflict_on_the_executor) {
  store().commits_wait = false;
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
  store().commits_wait = false;
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
  EXPECT_FALSE(was_called_here());

  clock_.moment += std::chrono::minutes{5};
  store().commits_wait = false;
  EXPECT_EQ(calls_of_a_look(), 2);
  EXPECT_TRUE(was_called_here());

  clock_.moment += std::chrono::minutes{5};
  store().tries_in_vain = true;
  EXPECT_EQ(calls_of_a_look(), 2);
  EXPECT_FALSE(was_called_here());

  clock_.moment += std::chrono::minutes{9};
  EXPECT_EQ(number(cookie), 1);  // each of them did extend it
}

TEST_F(beast_waiting, extends_the_idle_time_on_the_executor_after_a_handler_that_threw) {
  const std::string cookie = cookie_of(ask("", add_one));
  clock_.moment += std::chrono::minutes{5};
  const int before = store().calls;
  EXPECT_EQ(ask(cookie, fail).result_int(), 500U);
  EXPECT_EQ(store().calls, before + 2);  // find, touch
  EXPECT_FALSE(was_called_here());
}

// A commit that waited on the thread that serves the connection would keep the writer from ending.
TEST_F(beast_adapter, waits_for_another_writer_of_the_database_on_the_executor_only) {
  buntdb::database db = buntdb::database::in_memory();
  session_manager sessions{std::make_unique<scs::stores::buntstore>(db),
                           {.cookie = {.secure = false}}};
  net::io_context io;
  std::optional<buntdb::transaction> writing = db.begin();
  const beast_request asked = request();
  std::future<beast_response> answer = net::co_spawn(
      io,
      respond(
          sessions, store_.get_executor(), asked,
          [&](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
            co_await exchange.load();
            exchange.session().put("n", 1);
            net::post(io, [&] { writing.reset(); });
            co_return beast_response{};
          }),
      net::use_future);
  io.run();
  EXPECT_FALSE(writing);
  EXPECT_EQ(sessions.load(cookie_of(answer.get())).get<int>("n"), 1);
}

TEST_F(beast_adapter, finds_its_cookie_in_whatever_line_it_stands) {
  session made = sessions_.load("");
  made.put("n", 1);
  sessions_.commit(made);
  for (int before = 0; before < 7; ++before) {
    beast_request asked = request();
    for (int i = 0; i < before; ++i)
      asked.insert(beast::http::field::cookie, "other=" + std::to_string(i));
    asked.insert(beast::http::field::cookie, "session=" + made.token());
    beast_exchange exchange(sessions_, store_.get_executor(), asked);
    ASSERT_TRUE(exchange.try_load());
    EXPECT_EQ(exchange.session().get<int>("n"), 1) << before;
  }
}

TEST_F(beast_adapter, refuses_a_session_that_was_not_loaded) {
  std::error_code code;
  const auto options = std::make_shared<const beast_options>(
      beast_options{.on_error = [&](const std::exception_ptr& cause, beast_response&) {
        try {
          std::rethrow_exception(cause);
        } catch (const error& failure) {
          code = failure.code();
        }
      }});
  const beast_response answer = run(respond(
      sessions_, store_.get_executor(), request(),
      [](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
        exchange.session().put("a", 1);
        co_return beast_response{};
      },
      options));
  EXPECT_EQ(answer.result_int(), 500U);
  EXPECT_EQ(code, errc::not_loaded);
}

TEST_F(beast_adapter, acts_on_the_store_at_once_through_run) {
  const beast_response first = run(
      respond(sessions_, store_.get_executor(), request(),
              [](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
                co_await exchange.load();
                exchange.session().put("n", 1);
                co_return beast_response{};
              }));
  const beast_response second = run(
      respond(sessions_, store_.get_executor(), request(cookie_of(first)),
              [](beast_exchange& exchange, const beast_request&) -> net::awaitable<beast_response> {
                const int n = co_await exchange.run([](session& session) {
                  return session.update<int>(
                      "n", [](std::optional<int> now) { return now.value_or(0) + 1; });
                });
                EXPECT_EQ(n, 2);
                co_await exchange.run([](session& session) { session.destroy(); });
                co_return beast_response{};
              }));
  EXPECT_THAT(std::string(second[beast::http::field::set_cookie]), testing::HasSubstr("Max-Age=0"));
}

TEST_F(beast_adapter, answers_a_callback) {
  net::io_context io;
  bool called = false;
  const beast_request asked = request();
  net::co_spawn(io,
                respond(sessions_, store_.get_executor(), asked,
                        [](session& session, const beast_request&) {
                          session.put("a", 1);
                          return beast_response{};
                        }),
                [&](const std::exception_ptr& failed, const beast_response& answer) {
                  EXPECT_FALSE(failed);
                  EXPECT_THAT(cookie_of(answer), testing::StartsWith("session="));
                  called = true;
                });
  io.run();
  EXPECT_TRUE(called);
}

TEST_F(beast_adapter, commits_by_hand_before_an_upgrade) {
  net::io_context io;
  tcp::acceptor acceptor(io, tcp::endpoint(net::ip::address_v4::loopback(), 0));
  net::co_spawn(
      io,
      [&]() -> net::awaitable<void> {
        tcp::socket socket = co_await acceptor.async_accept(net::use_awaitable);
        beast::flat_buffer buffer;
        beast_request asked;
        co_await beast::http::async_read(socket, buffer, asked, net::use_awaitable);
        beast_exchange exchange(sessions_, store_.get_executor(), asked);
        co_await exchange.load();
        exchange.session().put("connected", true);
        beast::http::fields headers;
        co_await exchange.commit(headers);
        beast::websocket::stream<tcp::socket> upgraded(std::move(socket));
        upgraded.set_option(
            beast::websocket::stream_base::decorator([&](beast::websocket::response_type& answer) {
              for (const auto& field : headers)
                answer.insert(field.name_string(), field.value());
            }));
        co_await upgraded.async_accept(asked, net::use_awaitable);
        // Later messages change the session by hand, too.
        co_await exchange.run([&](session& session) {
          session.put("messages", 1);
          sessions_.commit(session);
        });
        co_await upgraded.async_close(beast::websocket::close_code::normal, net::use_awaitable);
      },
      net::detached);
  std::string cookie;
  net::co_spawn(
      io,
      [&]() -> net::awaitable<void> {
        tcp::socket socket(io);
        co_await socket.async_connect(acceptor.local_endpoint(), net::use_awaitable);
        beast::websocket::stream<tcp::socket> client(std::move(socket));
        beast::websocket::response_type answer;
        co_await client.async_handshake(answer, "localhost", "/", net::use_awaitable);
        cookie = answer[beast::http::field::set_cookie];
        beast::flat_buffer buffer;
        boost::system::error_code closed;
        co_await client.async_read(buffer, net::redirect_error(net::use_awaitable, closed));
      },
      net::detached);
  io.run();
  cookie = cookie.substr(0, cookie.find(';'));
  session again = sessions_.load(cookie);
  EXPECT_EQ(again.get<bool>("connected"), true);
  EXPECT_EQ(again.get<int>("messages"), 1);
}

}  // namespace

}  // namespace scs::http::tests
