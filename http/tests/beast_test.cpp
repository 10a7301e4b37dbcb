// Features that only the adapter for Boost.Beast has.

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/beast_listener.hpp>
#include <scs/stores/bunt.hpp>

#include "beast_adapter.hpp"
#include "fake_store.hpp"

namespace scs::http::tests {

namespace {

using tcp = net::ip::tcp;

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

  EXPECT_EQ(sessions.load(cookie).get<int>("n"), 2);

  store.finds_fail = true;
  EXPECT_EQ(ask(cookie).result_int(), 503U);
}

// If the commit waited on the thread that serves the connection, the writer could not end.
TEST_F(beast_adapter, waits_for_another_writer_of_the_database_on_the_executor_only) {
  buntdb::database db = buntdb::database::in_memory();
  session_manager sessions{std::make_unique<scs::stores::bunt>(db), {.cookie = {.secure = false}}};
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
      beast_options{.on_error = [&](const std::exception_ptr& cause, const beast_request_head& head,
                                    beast_response&) {
        EXPECT_EQ(head.target(), "/");
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
        // Later messages change the session without respond(), too.
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
