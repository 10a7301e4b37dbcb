// The operator's page: live charts, figures for Prometheus, compaction.

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include <scs/http/httplib.hpp>
#include <scs/metrics.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "form.hpp"
#include "page.hpp"
#include "site.hpp"

using httplib::Request, httplib::Response;

namespace {

using namespace std::chrono_literals;

// [loopback]
/// Whether a request was made on this machine, and for it: not through a proxy that
/// runs here, and not by a page that made its own name point to this address (DNS
/// rebinding).
bool is_from_here(const Request& request) {
  if (request.remote_addr != "127.0.0.1" && request.remote_addr != "::1")
    return false;
  for (const char* header : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"}) {
    if (request.has_header(header)) return false;
  }
  const std::string host = request.get_header_value("Host");
  const std::string name = host.substr(0, host.rfind(':'));
  return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

template <class Handler>
auto from_here(Handler handler) {
  return
      [handler](scs::session& session, const Request& request, Response& response) {
        if (is_from_here(request)) return handler(session, request, response);
        response.status = 403;
        send_problem(response, "For the operator only",
                     "This page is served to this machine's own browser, at its "
                     "loopback address.");
      };
}
// [/loopback]

/// How many streams are open: each takes a thread of the server as long as it lasts.
class stream_count {
 public:
  /// A place among the streams, which lasts as long as what is returned; null if
  /// there is none.
  std::shared_ptr<void> take() {
    if (++open_ <= streams_max)
      return {this, [](stream_count* count) { --count->open_; }};
    --open_;
    return nullptr;
  }

 private:
  std::atomic<int> open_ = 0;
};
stream_count streams;

std::string to_events(const std::vector<figures>& seconds) {
  if (seconds.empty()) return ": still there\n\n";
  std::string events;
  for (const figures& second : seconds)
    events += "data: " + to_json(second) + "\n\n";
  return events;
}

// [live charts]
void stream_figures(figure_recorder& recorder, scs::session& session,
                    Response& response) {
  const std::shared_ptr<void> place = streams.take();
  if (!session.exists("operator") || !place) {
    response.status = place ? 403 : 503;
    return;
  }
  // Stored before the first byte goes out.
  session.put("streams", session.get_or("streams", 0) + 1);
  response.set_header("Cache-Control", "no-store");
  std::uint64_t last = 0;
  const auto send = [&recorder, place, last](std::size_t,
                                             httplib::DataSink& to) mutable {
    const std::vector<figures> seconds = recorder.after(last, 1500ms);
    if (!seconds.empty()) last = seconds.back().number;
    const std::string events = to_events(seconds);
    return to.write(events.data(), events.size());  // false: the browser has left
  };
  response.set_chunked_content_provider("text/event-stream", send);
}
// [/live charts]

// [metrics]
std::string prometheus_text(const site& site) {
  const std::array<scs::named_metrics, 2> managers{{
      {"site", site.sessions.options().metrics.get()},
      {"brief", site.brief_sessions.options().metrics.get()},
  }};
  const figures now = site.figures.latest();
  const auto gauge = [](const std::string& name, std::uint64_t value) {
    return "# TYPE " + name + " gauge\n" + name + " " + std::to_string(value) + "\n";
  };
  return scs::to_prometheus(managers) + gauge("demo_sessions", now.sessions) +
         gauge("demo_file_bytes", now.file_bytes) +
         gauge("demo_live_bytes", now.live_bytes) +
         gauge("demo_memory_bytes", now.memory_bytes) +
         gauge("demo_reserved_bytes", now.reserved_bytes);
}
// [/metrics]

void show_operator(scs::session& session, const Request&, Response& response) {
  if (!session.exists("operator")) session.put("operator", true);
  page_data data;
  data.set("streams", std::to_string(session.get_or("streams", 0)));
  data.set("seconds", std::to_string(traffic::duration.count()));
  send_page(session, response,
            {.name = "operator", .title = "Operator", .data = data});
}

}  // namespace

void add_operator(httplib::Server& server, site& site) {
  const auto with_session = [&site](auto handler) {
    return scs::http::with(site.sessions, from_here(handler), friendly);
  };
  server.Get("/operator", with_session(show_operator));
  server.Get("/operator/events",
             with_session(
                 [&site](scs::session& session, const Request&, Response& response) {
                   stream_figures(site.figures, session, response);
                 }));
  server.Get("/metrics",
             with_session([&site](scs::session&, const Request&, Response& response) {
               response.set_content(prometheus_text(site),
                                    "text/plain; version=0.0.4; charset=utf-8");
             }));
  server.Post("/operator/compact",
              with_session(form(site, [&site](scs::session& session, const Request&,
                                              Response& response) {
                site.database.shrink();
                flash(session, "The file was compacted.");
                see_other(response, "/operator");
              })));
  server.Post(
      "/operator/traffic",
      with_session(form(
          site, [&site](scs::session& session, const Request&, Response& response) {
            flash(session, site.visitors.start() ? "Visitors are coming."
                                                 : "The visitors are still there.");
            see_other(response, "/operator");
          })));
}
