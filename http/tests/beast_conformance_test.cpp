#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>

#include <scs/http/beast_listener.hpp>

#include "connection_conformance.hpp"

namespace scs::http::tests {

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;

/// Calls a function when it is destroyed.
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
    beast_options options{.on_failure = std::move(on_failure), .activity = settings.activity};
    if (on_error) {
      options.on_error = [on_error = std::move(on_error)](const std::exception_ptr& cause,
                                                          const beast_request_head&,
                                                          beast_response& answer) {
        reply reply;
        at_exit fills([&] { fill(reply, answer); });
        on_error(cause, reply);
      };
    }
    routes_[target] = {std::move(handler),
                       std::make_shared<const beast_options>(std::move(options)),
                       settings.refuses_cross_site};
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
    bool refuses_cross_site = false;
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
    const std::string_view whole = request.target();
    const std::string target(whole.substr(0, whole.find('?')));
    const auto found = routes_.find(target);
    if (found == routes_.end()) co_return false;
    const routed& route = found->second;
    reply reply;
    at_exit released([&] {
      if (reply.stream_released) reply.stream_released();
    });
    // A stream has a separate head. What the handler wants is known only after it has run.
    beast_exchange exchange(sessions_, connection.store(), request, route.options->activity);
    bool streams = false;
    beast::http::response<beast::http::empty_body> head{beast::http::status::ok, 11};
    const auto handler = [&](beast_exchange& of,
                             const beast_request&) -> net::awaitable<beast_response> {
      co_await of.run([&](session& session) {
        if (route.refuses_cross_site && !session.allows_change(csrf_request_of(request))) {
          reply.status = 403;
        } else {
          route.handler(session, reply);
        }
      });
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

}  // namespace scs::http::tests
