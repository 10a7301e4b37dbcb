// The operator's page: live charts, figures for Prometheus, compaction.

#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include <buntdb/metrics.hpp>
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

// [operator]
/// Whether this browser has sent the key that the server has printed. The client's
/// address proves nothing: with a proxy, all requests come from this machine.
bool is_operator(scs::session& session) {
  return session.exists("operator");
}

template <class Handler>
auto for_operator(Handler handler) {
  return
      [handler](scs::session& session, const Request& request, Response& response) {
        if (is_operator(session)) return handler(session, request, response);
        response.status = 403;
        send_problem(response, "For the operator only",
                     "The server has printed the address of this page when it was "
                     "started. It opens one browser.");
      };
}

/// Exchanges the key for an operator's session.
void open_operator(const site& site, scs::session& session, const Request& request,
                   Response& response) {
  if (!site.key.take(request.get_param_value("key"))) return;
  session.renew();  // more rights: a new token
  session.put("operator", true);
  print_operator_link(site);  // for another browser
  see_other(response, "/operator");
}
// [/operator]

/// Counts the open streams. Each one occupies a thread of the server as long as it
/// lasts.
class stream_count {
 public:
  /// Returns a place among the streams, which is occupied until the result is
  /// destroyed. Null if there is none.
  std::shared_ptr<void> take() {
    if (++open_ <= max_streams)
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
void stream_figures(site& site, scs::session& session, const Request& request,
                    Response& response) {
  const std::shared_ptr<void> place = streams.take();
  if (!place) {
    response.status = 503;
    return;
  }
  // Stored before the first byte is sent.
  session.put("streams", session.get_or("streams", 0) + 1);
  response.set_header("Cache-Control", "no-store");
  std::uint64_t last = 0;
  const std::string cookies = request.get_header_value("Cookie");
  const auto send = [&site, place, cookies, last](std::size_t,
                                                  httplib::DataSink& to) mutable {
    // Loaded again each time, without counting as activity. So a logout ends the
    // stream, and a page that is left open does not keep anybody logged in.
    scs::session now =
        site.sessions.load(cookies, {.activity = scs::request_activity::passive});
    if (!is_operator(now)) {
      to.done();
      return true;
    }
    const std::vector<figures> seconds = site.figures.after(last, 1500ms);
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
      {"site", site.sessions.options().metrics.get(), site.sessions.count()},
      {"brief", site.brief_sessions.options().metrics.get(),
       site.brief_sessions.count()},
  }};
  return scs::to_prometheus(managers) + buntdb::to_prometheus(site.database.stats());
}
// [/metrics]

void show_operator(scs::session& session, const Request&, Response& response) {
  page_data data;
  data.set("streams", std::to_string(session.get_or("streams", 0)));
  data.set("seconds", std::to_string(traffic::duration.count()));
  send_page(session, response,
            {.name = "operator", .title = "Operator", .data = data});
}

}  // namespace

void print_operator_link(const site& site) {
  std::cout << "The operator's page, for one browser: " << site.address
            << "/operator?key=" << site.key.text() << std::endl;
}

void add_operator(httplib::Server& server, site& site) {
  const auto with_session = [&site](auto handler) {
    return scs::http::with(site.sessions, for_operator(handler), friendly);
  };
  const auto show = for_operator(show_operator);
  const auto open_or_show = [&site, show](scs::session& session,
                                          const Request& request,
                                          Response& response) {
    if (request.has_param("key")) open_operator(site, session, request, response);
    if (response.status != 303) show(session, request, response);
  };
  server.Get("/operator", scs::http::with(site.sessions, open_or_show, friendly));
  // The browser requests it by itself.
  scs::http::httplib_options passive = friendly;
  passive.activity = scs::request_activity::passive;
  const auto stream = [&site](scs::session& session, const Request& request,
                              Response& response) {
    stream_figures(site, session, request, response);
  };
  server.Get("/operator/events",
             scs::http::with(site.sessions, for_operator(stream), passive));
  server.Get("/metrics",
             with_session([&site](scs::session&, const Request&, Response& response) {
               response.set_content(prometheus_text(site),
                                    "text/plain; version=0.0.4; charset=utf-8");
             }));
  server.Post("/operator/compact",
              with_session(form(site, [&site](scs::session& session, const Request&,
                                              Response& response) {
                site.database.compact();
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
