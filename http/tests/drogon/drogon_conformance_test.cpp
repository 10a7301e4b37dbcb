#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/http/drogon.hpp>

#include "connection_conformance.hpp"
#include "drogon_application.hpp"

namespace scs::http::tests {

/// The suite's server on Drogon. Its handlers are plain functions.
class drogon_server final : public adapter_server {
 public:
  explicit drogon_server(session_manager& sessions) : sessions_(sessions) {}
  ~drogon_server() override { drogon_server::stop(); }

  void route(const std::string& target, neutral_handler handler, neutral_error_function on_error,
             std::function<void(const failure&)> on_failure) override {
    drogon_options options{.on_failure = std::move(on_failure), .activity = settings.activity};
    if (on_error) options.on_error = error_function(std::move(on_error));
    const auto with_session = drogon_handler(
        sessions_, application_.store(),
        [handler = std::move(handler), refuses = settings.refuses_cross_site, token = token_](
            session& session, const drogon::HttpRequestPtr& request) {
          reply reply;
          const at_end end{reply};
          if (refuses && !session.allows_change(csrf_request_of(request))) {
            reply.status = 403;
          } else {
            handler(session, reply);
          }
          return end.translated(token);
        },
        std::move(options));
    application_.route(target, [with_session, token = token_](const drogon::HttpRequestPtr& request,
                                                              drogon_callback&& answer) {
      with_session(request, [answer = std::move(answer),
                             token](const drogon::HttpResponsePtr& response) { answer(response); });
    });
  }

  void default_header(const std::string& name, const std::string& value) override {
    application_.on_creation(
        [name, value](drogon::HttpResponse& made) { made.addHeader(name, value); });
  }

  int start() override { return application_.port(); }
  void stop() override { application_.clear(token_); }

  bool drops_half_closed_clients() const override { return true; }
  bool handles_pipelined_requests_at_once() const override { return true; }
  bool joins_lines() const override { return true; }
  bool hides_repeated_lines() const override { return true; }

 private:
  /// A reply whose stream is released at the end, if nothing has begun it.
  class at_end {
   public:
    explicit at_end(reply& of) : reply_(of) {}
    at_end(const at_end&) = delete;
    at_end& operator=(const at_end&) = delete;
    ~at_end() {
      if (reply_.stream_released) reply_.stream_released();
    }
    drogon::HttpResponsePtr translated(const std::shared_ptr<void>& token) const {
      drogon::HttpResponsePtr answer;
      if (reply_.next_chunk) {
        // The members are destroyed in reverse order.
        struct stream {
          std::shared_ptr<void> token;
          std::shared_ptr<void> released;
          std::function<std::optional<std::string>()> next;
          std::optional<std::string> operator()() const { return next(); }
        };
        const std::shared_ptr<void> released(
            nullptr, [call = std::exchange(reply_.stream_released, nullptr)](void*) {
              if (call) call();
            });
        answer = stream_response(stream{token, released, reply_.next_chunk});
      } else if (!reply_.redirect_to.empty()) {
        answer = drogon::HttpResponse::newRedirectionResponse(reply_.redirect_to);
      } else {
        answer = drogon::HttpResponse::newHttpResponse();
      }
      fill(reply_, *answer);
      return answer;
    }

   private:
    reply& reply_;
  };

  static void fill(const reply& from, drogon::HttpResponse& to) {
    for (const auto& [name, value] : from.headers)
      detail::drogon_library::append_header(to, name, value);
    if (from.status != 0) to.setStatusCode(static_cast<drogon::HttpStatusCode>(from.status));
    if (!from.body.empty()) to.setBody(from.body);
  }

  static std::function<void(std::exception_ptr, const drogon::HttpRequestPtr&,
                            const drogon::HttpResponsePtr&)>
  error_function(neutral_error_function on_error) {
    return [on_error = std::move(on_error)](const std::exception_ptr& cause,
                                            const drogon::HttpRequestPtr&,
                                            const drogon::HttpResponsePtr& answer) {
      reply reply;
      try {
        on_error(cause, reply);
      } catch (...) {
        fill(reply, *answer);  // which the adapter drops
        throw;
      }
      fill(reply, *answer);
    };
  }

  session_manager& sessions_;
  drogon_application& application_ = drogon_application::instance();
  std::shared_ptr<void> token_ = std::make_shared<int>();
};

INSTANTIATE_TYPED_TEST_SUITE_P(drogon, adapter, drogon_server);
INSTANTIATE_TYPED_TEST_SUITE_P(drogon, adapter_connection, drogon_server);

}  // namespace scs::http::tests
