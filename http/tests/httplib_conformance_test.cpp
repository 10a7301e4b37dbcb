#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <httplib.h>

#include <scs/http/httplib.hpp>
#include <scs/http/httplib_install.hpp>

#include "connection_conformance.hpp"
#include "httplib_tables.hpp"

namespace scs::http::tests {

class httplib_server : public adapter_server {
 public:
  explicit httplib_server(session_manager& sessions) : sessions_(sessions) {
    server_.set_keep_alive_timeout(1);
    server_.set_keep_alive_max_count(1000);
  }
  ~httplib_server() override { halt(); }

  void route(const std::string& target, neutral_handler handler, neutral_error_function on_error,
             std::function<void(const failure&)> on_failure) override {
    httplib_options options{.on_failure = std::move(on_failure), .activity = settings.activity};
    if (on_error) {
      options.on_error = [on_error = std::move(on_error)](const std::exception_ptr& cause,
                                                          const httplib::Request&,
                                                          httplib::Response& response) {
        reply reply;
        fill_on_exit fill{reply, response};
        on_error(cause, reply);
      };
    }
    answer(target,
           with(
               sessions_,
               [handler = checked(std::move(handler))](
                   session& session, const httplib::Request& request, httplib::Response& response) {
                 reply reply;
                 fill_on_exit fill{reply, response};
                 handler(session, request, reply);
               },
               std::move(options)));
  }

  void default_header(const std::string& name, const std::string& value) override {
    server_.set_default_headers({{name, value}});
  }

  int start() override {
    build_tables_of_httplib();
    const int port = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running())
      std::this_thread::yield();
    return port;
  }

  void stop() override { halt(); }

  bool reverses_lines() const override { return detail::httplib_0_18_reverses_lines(); }
  bool leaves_bodies_unread() const override { return !detail::httplib_0_52_drains_bodies; }
  bool reads_on_after_refusing() const override { return true; }
  bool says_close_when_it_refuses() const override { return detail::httplib_version >= 28'00; }
  bool drops_half_closed_clients() const override { return true; }
  bool forgets_pipelined_requests() const override { return true; }

 protected:
  using checked_handler = std::function<void(session&, const httplib::Request&, reply&)>;

  /// Answers 403 instead of the handler if the route's settings require that.
  checked_handler checked(neutral_handler handler) const {
    return [handler = std::move(handler), refuses = settings.refuses_cross_site](
               session& session, const httplib::Request& request, reply& reply) {
      if (refuses && !session.allows_change(csrf_request_of(request))) {
        reply.status = 403;
      } else {
        handler(session, reply);
      }
    };
  }

  void answer(const std::string& target, const httplib::Server::Handler& handler) {
    server_.Get(target, handler);
    server_.Post(target, handler);
    server_.Put(target, handler);
    server_.Patch(target, handler);
    server_.Delete(target, handler);
    server_.Options(target, handler);
  }

  /// Translates the reply even if the handler throws: a real handler would have filled its response
  /// by then.
  class fill_on_exit {
   public:
    fill_on_exit(reply& from, httplib::Response& to) : from_(from), to_(to) {}
    fill_on_exit(const fill_on_exit&) = delete;
    fill_on_exit& operator=(const fill_on_exit&) = delete;
    ~fill_on_exit() {
      for (const auto& [name, value] : from_.headers) {
        to_.set_header(name, value);
      }
      if (!from_.redirect_to.empty()) to_.set_redirect(from_.redirect_to);
      if (from_.status != 0) to_.status = from_.status;
      if (from_.next_chunk) {
        to_.set_chunked_content_provider(
            "text/plain",
            [next = std::move(from_.next_chunk)](size_t, httplib::DataSink& sink) mutable {
              if (const std::optional<std::string> chunk = next()) {
                return sink.write(chunk->data(), chunk->size());
              }
              sink.done();
              return true;
            },
            [released = std::move(from_.stream_released)](bool) {
              if (released) released();
            });
      } else if (!from_.body.empty()) {
        to_.set_content(from_.body, "text/plain");
      }
    }

   private:
    reply& from_;
    httplib::Response& to_;
  };

  void halt() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }

  session_manager& sessions_;
  httplib::Server server_;

 private:
  std::thread thread_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(httplib, adapter, httplib_server);
INSTANTIATE_TYPED_TEST_SUITE_P(httplib, adapter_connection, httplib_server);

/// The same with plain handlers on a server with install().
class installed_httplib_server final : public httplib_server {
 public:
  using httplib_server::httplib_server;
  ~installed_httplib_server() override { halt(); }

  bool says_close_when_it_refuses() const override { return true; }  // by the post-routing hook

  void route(const std::string& target, neutral_handler handler, neutral_error_function on_error,
             std::function<void(const failure&)> on_failure) override {
    on_error_[target] = std::move(on_error);
    on_failure_ = std::move(on_failure);
    // Here the option applies to the whole server.
    const bool is_passive = settings.activity == request_activity::passive;
    answer(target, [handler = checked(std::move(handler)), is_passive](
                       const httplib::Request& request, httplib::Response& response) {
      reply reply;
      fill_on_exit fill{reply, response};
      if (is_passive) session_of(request).set_passive();
      handler(session_of(request), request, reply);
    });
  }

  int start() override {
    httplib_options options{.on_failure = on_failure_};
    options.on_error = [this](const std::exception_ptr& cause, const httplib::Request& request,
                              httplib::Response& response) {
      const neutral_error_function& on_error = on_error_[request.path];
      if (!on_error) return response.set_content("failed", "text/plain");
      reply reply;
      fill_on_exit fill{reply, response};
      on_error(cause, reply);
    };
    install(server_, sessions_, std::move(options));
    return httplib_server::start();
  }

 private:
  std::map<std::string, neutral_error_function> on_error_;
  std::function<void(const failure&)> on_failure_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(installed_httplib, adapter, installed_httplib_server);
INSTANTIATE_TYPED_TEST_SUITE_P(installed_httplib, adapter_connection, installed_httplib_server);

}  // namespace scs::http::tests
