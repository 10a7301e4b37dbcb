// The start page: a counter, a message, and whether they survive.

#include <optional>
#include <string>

#include <unistd.h>

#include <scs/http/httplib.hpp>
#include <scs/session.hpp>
#include <scs/token.hpp>

#include "form.hpp"
#include "page.hpp"
#include "site.hpp"

using httplib::Request, httplib::Response;

namespace {

constexpr std::size_t max_message_size =
    600;  // in bytes; the form allows 200 characters

// [counter]
void count_one_more(scs::session& session, const Request&, Response& response) {
  session.update<int>("count", [](std::optional<int> before) {
    return before.value_or(0) + 1;  // of two clicks at once, none is lost
  });
  see_other(response, "/#counter");
}
// [/counter]

// [message]
void keep_message(scs::session& session, const Request& request, Response& response) {
  const std::string message = request.get_param_value("message");
  if (message.size() <= max_message_size) {
    session.put("message", message);
  } else {
    flash(session, "That was too long to keep.");
  }
  see_other(response, "/#message");
}

void get_message(scs::session& session, const Request&, Response& response) {
  response.set_content(session.get<std::string>("message").value_or(""),
                       "text/plain");
}
// [/message]

void put_hello(scs::session& session, const Request&, Response&) {
  session.put("message", "Hello world!");
}

/// Returns how many other runs of the server this session has seen.
int restarts_survived(scs::session& session) {
  if (session.id().empty()) return 0;  // reading begins no session
  static const scs::token run = scs::token::generate();
  const std::string this_run(run.text());
  const int before = session.get_or("restarts", 0);
  const auto last_run = session.get<std::string>("last run");
  if (last_run == this_run) return before;
  session.put("last run", this_run);
  if (!last_run) return before;
  session.put("restarts", before + 1);
  return before + 1;
}

void show_home(const site& site, scs::session& session, Response& response) {
  page_data data;
  data.set("count", std::to_string(session.get_or("count", 0)));
  const std::string message = session.get<std::string>("message").value_or("");
  data.set("message", message);
  data.set("has_message", !message.empty());
  const int restarts = restarts_survived(session);
  data.set("restarts",
           std::to_string(restarts) + (restarts == 1 ? " restart" : " restarts"));
  data.set("has_survived", restarts > 0);
  data.set("process", std::to_string(getpid()));
  data.set("start_command", site.start_command);
  send_page(session, response,
            {.name = "home", .title = "buntstore demo", .data = data});
}

}  // namespace

void add_home(httplib::Server& server, site& site) {
  const auto with_session = [&site](auto handler) {
    return scs::http::with(site.sessions, handler, friendly);
  };
  server.Get("/", with_session([&site](scs::session& session, const Request&,
                                       Response& response) {
               show_home(site, session, response);
             }));
  server.Post("/count", with_session(form(site, count_one_more)));
  server.Post("/message", with_session(form(site, keep_message)));

  server.Get(
      "/put",
      with_session(put_hello));  // as in the quickstart; a site would only POST
  server.Post("/put", with_session(put_hello));
  server.Get("/get", with_session(get_message));
}
