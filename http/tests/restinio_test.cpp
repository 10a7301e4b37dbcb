#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <restinio/all.hpp>
#include <restinio/websocket/websocket.hpp>

#include <scs/http/restinio.hpp>
#include <scs/stores/memory.hpp>

#include "connection_conformance.hpp"

namespace scs::http::tests {

namespace net = restinio::asio_ns;
using restinio_function =
    std::function<restinio::request_handling_status_t(restinio::request_handle_t)>;

struct restinio_traits : restinio::default_traits_t {
  using request_handler_t = restinio_function;
};

/// A server on a free port of 127.0.0.1 until it is destroyed. Its handlers run on store().
class running {
 public:
  ~running() { stop(); }
  running() = default;
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  int start(restinio_function handler) {
    std::promise<int> port;
    restinio::server_settings_t<restinio_traits> settings;
    settings.address("127.0.0.1")
        .port(0)
        .request_handler(std::move(handler))
        .acceptor_post_bind_hook(
            [&](net::ip::tcp::acceptor& bound) { port.set_value(bound.local_endpoint().port()); });
    // One thread for the network: with more, RESTinio 0.6 closes its acceptor at a stop while
    // another thread may be accepting.
    server_ = restinio::run_async(restinio::external_io_context(io_), std::move(settings), 1);
    return port.get_future().get();
  }
  /// Stops in the order that the header requires: the server, then the executor, then the
  /// io_context, which releases running requests.
  void stop() {
    if (server_) {
      server_->stop();
      server_->wait();
    }
    store_.join();
    server_.reset();
  }
  net::thread_pool::executor_type store() { return store_.get_executor(); }

 private:
  net::io_context io_;
  net::thread_pool store_{2};
  restinio::running_server_handle_t<restinio_traits> server_;
};

class restinio_server final : public adapter_server {
 public:
  explicit restinio_server(session_manager& sessions) : sessions_(sessions) {}
  ~restinio_server() override { restinio_server::stop(); }

  void route(const std::string& target, neutral_handler handler, neutral_error_function on_error,
             std::function<void(const failure&)> on_failure) override {
    restinio_options options{.prepare =
                                 [this](restinio_response& answer) {
                                   for (const auto& [name, value] : default_headers_)
                                     answer.headers.set_field(name, value);
                                 },
                             .on_failure = std::move(on_failure),
                             .activity = settings.activity};
    if (on_error) {
      options.on_error = [on_error = std::move(on_error)](const std::exception_ptr& cause,
                                                          const restinio::http_request_header_t&,
                                                          restinio_response& answer) {
        translated reply(answer);
        on_error(cause, *reply);
      };
    }
    routes_[target] = restinio_handler(
        sessions_, running_->store(),
        [handler = std::move(handler), refuses = settings.refuses_cross_site](
            session& session, const restinio::request_handle_t& request,
            restinio_response& answer) {
          translated reply(answer);
          if (refuses && !session.allows_change(csrf_request_of(*request))) {
            (*reply).status = 403;
          } else {
            handler(session, *reply);
          }
        },
        std::move(options));
  }

  void default_header(const std::string& name, const std::string& value) override {
    default_headers_.emplace_back(name, value);
  }

  int start() override {
    return running_->start([this](const restinio::request_handle_t& request) {
      const std::string& target = request->header().request_target();
      const auto found = routes_.find(target.substr(0, target.find('?')));
      return found == routes_.end() ? restinio::request_rejected() : found->second(request);
    });
  }

  void stop() override { running_.reset(); }

 private:
  /// A reply that is translated to RESTinio's when it is destroyed.
  class translated {
   public:
    explicit translated(restinio_response& to) : to_(to) {}
    translated(const translated&) = delete;
    translated& operator=(const translated&) = delete;
    reply& operator*() { return reply_; }
    ~translated() {
      for (const auto& [name, value] : reply_.headers)
        to_.headers.add_field(name, value);
      if (!reply_.redirect_to.empty()) {
        to_.status = restinio::status_found();
        to_.headers.set_field(restinio::http_field::location, reply_.redirect_to);
      }
      if (reply_.status != 0) {
        to_.status = {restinio::http_status_code_t(static_cast<std::uint16_t>(reply_.status)),
                      "As Told"};
      }
      to_.body = reply_.body;
      if (reply_.next_chunk) {
        const std::shared_ptr<void> released(nullptr, [call = reply_.stream_released](void*) {
          if (call) call();
        });
        to_.next_chunk = [next = reply_.next_chunk, released] { return next(); };
      }
    }

   private:
    restinio_response& to_;
    reply reply_;
  };

  session_manager& sessions_;
  std::map<std::string, restinio_function> routes_;
  std::vector<std::pair<std::string, std::string>> default_headers_;
  std::unique_ptr<running> running_ = std::make_unique<running>();
};

INSTANTIATE_TYPED_TEST_SUITE_P(restinio, adapter, restinio_server);
INSTANTIATE_TYPED_TEST_SUITE_P(restinio, adapter_connection, restinio_server);

namespace {

class restinio_adapter : public testing::Test {
 protected:
  static std::string cookie_of(const http_response& response) {
    const std::string line = response.one("Set-Cookie");
    return line.substr(0, line.find(';'));
  }

  session_manager sessions_{std::make_unique<scs::stores::memory>(), {.cookie = {.secure = false}}};
  running running_;
};

TEST_F(restinio_adapter, runs_handlers_on_the_stores_executor) {
  std::thread::id reads, handles;
  const auto handler = restinio_handler(
      sessions_, running_.store(),
      [&](session& session, const restinio::request_handle_t& request, restinio_response& answer) {
        handles = std::this_thread::get_id();
        session.put("a", 1);
        answer.body = request->header().request_target();
      });
  const int port = running_.start([&](const restinio::request_handle_t& request) {
    reads = std::this_thread::get_id();
    return handler(request);
  });
  const http_response response = http_get(port, "/here?a=b");
  running_.stop();
  EXPECT_EQ(response.body, "/here?a=b");
  EXPECT_NE(reads, std::thread::id());
  EXPECT_NE(handles, std::thread::id());
  EXPECT_NE(reads, handles);
}

TEST_F(restinio_adapter, gives_handlers_what_a_router_gives) {
  const auto handler =
      restinio_handler(sessions_, running_.store(),
                       [](session&, const restinio::request_handle_t&, restinio_response& answer,
                          const std::unique_ptr<std::string>& parameter,
                          int number) { answer.body = *parameter + std::to_string(number); });
  const int port = running_.start([&](restinio::request_handle_t request) {
    return handler(std::move(request), std::make_unique<std::string>("moved, not copied "), 7);
  });
  EXPECT_EQ(http_get(port, "/").body, "moved, not copied 7");
}

TEST_F(restinio_adapter, writes_the_headers_itself_that_frame_a_body) {
  const int port = running_.start(restinio_handler(
      sessions_, running_.store(),
      [](session&, const restinio::request_handle_t& request, restinio_response& answer) {
        answer.headers.add_field("content-length", "1");
        answer.headers.add_field("Transfer-Encoding", "chunked");
        if (request->header().request_target() == "/last")
          answer.headers.add_field("connection", "close");
        if (request->header().request_target() == "/empty")
          answer.status = restinio::status_no_content();
        answer.body = "four";
      }));
  http_connection connection(port);
  const http_response response = connection.get("/");
  EXPECT_EQ(response.body, "four");
  EXPECT_EQ(response.one("Content-Length"), "4");
  EXPECT_THAT(response.all("Transfer-Encoding"), testing::IsEmpty());
  const http_response empty = connection.get("/empty");
  EXPECT_EQ(empty.status, 204);
  EXPECT_EQ(empty.body, "");
  EXPECT_EQ(connection.get("/last").one("Connection"), "close");
  EXPECT_TRUE(connection.server_closes());
}

TEST_F(restinio_adapter, keeps_the_connection_behind_a_stream) {
  const int port = running_.start(restinio_handler(
      sessions_, running_.store(),
      [](session&, const restinio::request_handle_t&, restinio_response& answer) {
        answer.next_chunk = [i = 0]() mutable -> std::optional<std::string> {
          return ++i == 4 ? std::nullopt : std::optional(std::string(i == 2 ? 0U : 20U, 'x'));
        };
      }));
  http_connection connection(port);
  EXPECT_EQ(connection.get("/").body, std::string(40, 'x')) << "the empty chunk does not end it";
  const http_response head = connection.request("HEAD", "/");
  EXPECT_EQ(head.one("Transfer-Encoding"), "chunked");
  EXPECT_TRUE(connection.get("/").complete);
}

TEST_F(restinio_adapter, answers_an_error_even_if_nothing_can_be_prepared) {
  const int port = running_.start(restinio_handler(
      sessions_, running_.store(),
      [](session&, const restinio::request_handle_t&, restinio_response&) {},
      {.prepare = [](restinio_response&) { throw std::runtime_error("secret"); }}));
  const http_response response = http_get(port, "/");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, testing::StartsWith("Something went wrong"));
}

const std::string upgrade_lines =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

TEST_F(restinio_adapter, commits_before_an_upgrade) {
  namespace websocket = restinio::websocket::basic;
  std::promise<void> opened, stored;
  websocket::ws_handle_t open;  // RESTinio closes it when nothing refers to it
  const auto handler = restinio_handler(
      sessions_, running_.store(),
      [&](session& session, const restinio::request_handle_t& request, restinio_response& answer) {
        session.put("connected", true);
        answer.upgrade = [&, request](restinio::http_header_fields_t headers,
                                      std::shared_ptr<scs::session> kept) {
          open = websocket::upgrade<restinio_traits>(
              *request, websocket::activation_t::immediate, std::move(headers),
              [&, kept](const websocket::ws_handle_t&, const websocket::message_handle_t& got) {
                if (got->opcode() != websocket::opcode_t::text_frame) return;
                // The store may block, and this is one of RESTinio's threads.
                net::post(running_.store(), [&, kept, text = got->payload()] {
                  kept->put("message", text);
                  sessions_.commit(*kept);
                  stored.set_value();
                });
              });
          opened.set_value();
        };
      });
  http_connection connection(running_.start(handler));
  connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n" + upgrade_lines + "\r\n");
  const http_response response = connection.receive(http_connection::expect::no_body);
  EXPECT_EQ(response.status, 101);
  EXPECT_EQ(response.one("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
      << "RFC 6455, 1.3";
  const std::string cookie = cookie_of(response);
  EXPECT_EQ(sessions_.load(cookie).get<bool>("connected"), true);

  connection.send(std::string("\x81\x85\0\0\0\0hello", 11));  // a masked frame
  opened.get_future().wait();
  stored.get_future().wait();
  open->kill();
  EXPECT_TRUE(connection.server_closes());
  running_.stop();
  open.reset();
  EXPECT_EQ(sessions_.load(cookie).get<std::string>("message"), "hello");
}

TEST_F(restinio_adapter, refuses_an_upgrade_when_the_session_fails_or_the_upgrade_does) {
  std::promise<failure_kind> reported;
  const int port = running_.start(restinio_handler(
      sessions_, running_.store(),
      [](session&, const restinio::request_handle_t& request, restinio_response& answer) {
        answer.upgrade = [](restinio::http_header_fields_t, const std::shared_ptr<session>&) {
          throw std::runtime_error("no upgrade");
        };
        if (request->header().request_target() == "/throw") throw 1;
      },
      {.on_failure = [&](const failure& failed) {
        if (failed.kind != failure_kind::handler_threw) reported.set_value(failed.kind);
      }}));
  EXPECT_EQ(http_get(port, "/throw", upgrade_lines).status, 500);
  http_connection connection(port);
  EXPECT_EQ(connection.get("/", upgrade_lines).status, 0);
  EXPECT_TRUE(connection.server_closes());
  EXPECT_EQ(reported.get_future().get(), failure_kind::stream_threw);
}

int any_free_port() {
  net::io_context io;
  return net::ip::tcp::acceptor(io, {net::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

TEST_F(restinio_adapter, is_used_as_the_page_shows) {
  session_manager& sessions = sessions_;
  const auto port = static_cast<std::uint16_t>(any_free_port());
  // [restinio]
  using router = restinio::router::express_router_t<>;
  struct traits : restinio::default_traits_t {
    using request_handler_t = router;
  };

  boost::asio::io_context io;            // reads requests and writes responses
  boost::asio::thread_pool handlers(8);  // waits for the store

  auto routes = std::make_unique<router>();
  routes->http_get(
      "/put/:message",
      scs::http::restinio_handler(sessions, handlers.get_executor(),
                                  [](scs::session& session, const restinio::request_handle_t&,
                                     scs::http::restinio_response& response,
                                     const restinio::router::route_params_t& parameters) {
                                    session.put("message", std::string(parameters["message"]));
                                    response.body = "done";
                                  }));
  routes->http_get("/get", scs::http::restinio_handler(
                               sessions, handlers.get_executor(),
                               [](scs::session& session, const restinio::request_handle_t&,
                                  scs::http::restinio_response& response, const auto&) {
                                 response.body =
                                     session.get<std::string>("message").value_or("nothing yet");
                               }));

  auto server = restinio::run_async(restinio::external_io_context(io),
                                    restinio::server_settings_t<traits>{}
                                        .address("127.0.0.1")
                                        .port(port)
                                        .request_handler(std::move(routes)),
                                    1);
  // [/restinio]
  const http_response put = http_get(port, "/put/Hello");
  EXPECT_EQ(put.body, "done");
  EXPECT_EQ(http_get(port, "/get", "Cookie: " + cookie_of(put) + "\r\n").body, "Hello");
}

}  // namespace

}  // namespace scs::http::tests
