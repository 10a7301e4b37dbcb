#include "site.hpp"

#include <exception>
#include <iostream>
#include <string>

#include <scs/http/failure.hpp>
#include <scs/http/httplib.hpp>
#include <scs/session.hpp>

namespace {

constexpr const char* index_page = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>buntstore demo</title>
<style>body { font: 1.1em/1.5 system-ui; max-width: 40em; margin: 2em auto; padding: 0 1em }</style>
<h1>buntstore demo</h1>
<p><a href="/put">/put</a> keeps a message in your session. <a href="/get">/get</a> shows it.
<p>Put the message, kill the server (<code>kill -9</code>), start it again, and get the message:
it is still there.
</html>
)";

void show_index(const httplib::Request&, httplib::Response& response) {
  response.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  response.set_content(index_page, "text/html; charset=utf-8");
}

void put_message(scs::session& session, const httplib::Request&, httplib::Response&) {
  session.put("message", "Hello world!");
}

void get_message(scs::session& session, const httplib::Request&, httplib::Response& response) {
  response.set_content(session.get<std::string>("message").value_or(""), "text/plain");
}

/// What a visitor only sees as "something went wrong".
void log_failure(const scs::http::failure& failure) {
  std::string text = "the session was changed while its response was being streamed";
  try {
    if (failure.cause) std::rethrow_exception(failure.cause);
  } catch (const std::exception& problem) {
    text = problem.what();
  } catch (...) {
    text = "an exception of an unknown type";
  }
  std::cerr << "demo: " + text + "\n";
}

}  // namespace

void add_site(httplib::Server& server, scs::session_manager& sessions) {
  const auto with_session = [&sessions](auto handler) {
    return scs::http::with(sessions, handler, {.on_failure = log_failure});
  };
  server.Get("/", show_index);
  server.Get("/put", with_session(put_message));  // as the quickstart; a site would only POST
  server.Post("/put", with_session(put_message));
  server.Get("/get", with_session(get_message));
}
