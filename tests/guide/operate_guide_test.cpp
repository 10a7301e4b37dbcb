// The C++ of docs/operate.md.

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <opentelemetry/trace/provider.h>

#include <buntdb/buntdb.hpp>
#include <buntdb/metrics.hpp>
#include <scs/http/httplib.hpp>
#include <scs/http/listening_socket.hpp>
#include <scs/http/serve.hpp>
#include <scs/metrics.hpp>
#include <scs/session/tracing.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

#include "temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;

using httplib::Request, httplib::Response;
using testing::HasSubstr;

// [tracing]
/// A span of OpenTelemetry, the child of the thread's current one.
class otel_span final : public scs::trace_span {
 public:
  explicit otel_span(const std::string& name)
      : span_(opentelemetry::trace::Provider::GetTracerProvider()
                  ->GetTracer("buntstore")
                  ->StartSpan(name)),
        scope_(span_) {}
  ~otel_span() override { span_->End(); }
  void end(scs::traced_outcome how, const std::exception_ptr&) noexcept override {
    using opentelemetry::trace::StatusCode;
    if (how == scs::traced_outcome::failed) span_->SetStatus(StatusCode::kError);
  }

 private:
  opentelemetry::nostd::shared_ptr<opentelemetry::trace::Span> span_;
  opentelemetry::trace::Scope scope_;
};

scs::tracer otel_tracer() {
  return [](scs::traced_operation traced) {
    return std::make_unique<otel_span>(std::string{name_of(traced)});
  };
}
// [/tracing]

TEST(operate, has_figures_of_the_sessions_and_of_their_database) {
  buntdb::database db = buntdb::database::in_memory();
  httplib::Server server;
  // [figures]
  const auto figures = std::make_shared<scs::metrics>();
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db), {.metrics = figures}};
  const auto show_figures = [&](const Request&, Response& response) {
    const scs::named_metrics site{"site", figures.get(), sessions.count()};
    response.set_content(scs::to_prometheus({&site, 1}) + buntdb::to_prometheus(db.stats()),
                         "text/plain; version=0.0.4; charset=utf-8");
  };
  server.Get("/metrics", show_figures);
  // [/figures]
  scs::session session = sessions.load(std::string_view{});
  session.put("key", "value");
  sessions.commit(session);
  Response response;
  show_figures({}, response);
  EXPECT_THAT(response.body, HasSubstr("scs_sessions{manager=\"site\"} 1\n"));
  EXPECT_THAT(response.body, HasSubstr("scs_events_total{manager=\"site\",event=\"created\"} 1\n"));
  EXPECT_THAT(response.body, HasSubstr("buntdb_commits_total 1\n"));
}

TEST(operate, takes_over_the_port_and_the_database_of_the_process_before) {
  const buntstore::testing::temporary_folder folder;
  const std::string file = folder.file("app.db");
  constexpr int port = 0;
  httplib::Server server;
  std::thread stops;
  scs::http::serve_options options;
  options.on_listening = [&](int) {
    stops = std::thread([&] {
      while (!server.is_running())
        std::this_thread::yield();
      server.stop();
    });
  };
  {
    // [restart]
    scs::http::listening_socket socket{{.port = port, .sharing = scs::http::port_sharing::joined}};
    // Now, and not earlier: ask the old process to end.
    buntdb::database db = buntdb::database::open(file, {.lock_timeout = 20s});
    scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db)};
    // On Beast: scs::http::listener listener{std::move(socket)};
    scs::http::serve(server, std::move(socket), options);
    db.close({.may_compact = false});  // the next process waits for it
    // [/restart]
  }
  stops.join();
  EXPECT_FALSE(buntdb::database::lock_holder(file));
}

TEST(operate, limits_the_commits_that_wait) {
  buntdb::database db = buntdb::database::in_memory();
  // [shedding]
  scs::session_options options;
  options.max_waiting_commits = 192;  // of serve_options::threads = 256
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db), std::move(options)};
  // [/shedding]
  scs::session session = sessions.load(std::string_view{});
  session.put("key", "value");
  EXPECT_FALSE(sessions.commit(session).empty());
}

TEST(operate, attaches_spans_of_opentelemetry) {
  buntdb::database db = buntdb::database::in_memory();
  scs::session_options options;
  options.tracer = otel_tracer();
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db), std::move(options)};
  scs::session session = sessions.load(std::string_view{});
  session.put("key", "value");
  sessions.commit(session);
  EXPECT_THAT(opentelemetry::trace::happened(),
              testing::ElementsAre("start session.load", "end session.load", "start session.commit",
                                   "start session.store.commit", "end session.store.commit",
                                   "end session.commit"));
}

}  // namespace
