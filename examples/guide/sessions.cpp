// The site of docs/sessions.md: begin here, and change it. It keeps its sessions in guide.db and
// serves http://127.0.0.1:4000 until Ctrl-C. The password of "ann" is "secret of ann".

#include <chrono>
#include <memory>

#include <httplib.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/httplib.hpp>
#include <scs/http/serve.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

#include "handlers.hpp"

int main() {
  buntdb::database db = buntdb::database::open("guide.db");
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.lifetime = 12h,
                                 .idle_timeout = 30min,
                                 .cookie = {.secure = false /* plain http, for development */},
                                 .max_sessions_per_user = 10}};

  // Functions that need the manager, too, as handlers.
  const auto devices = [&](scs::session& session, const Request&, Response& response) {
    show_devices(sessions, session, response);
  };
  const auto end_device = [&](scs::session& session, const Request& request, Response& response) {
    log_out_device(sessions, session, request, response);
  };
  const auto end_all = [&](scs::session& session, const Request&, Response& response) {
    log_out_everywhere(sessions, session);
    response.set_redirect("/login", 303);
  };
  const auto show_login = [](scs::session&, const Request&, Response& response) {
    response.set_content(R"(<form method="post"><input name="name"><input name="password" )"
                         R"(type="password"><button>Log in</button></form>)",
                         "text/html");
  };

  httplib::Server server;
  server.set_payload_max_length(65'536);
  server.set_pre_routing_handler(scs::http::refuse_uncounted_bodies);
  const auto get = [&](const char* path, auto handler) {
    server.Get(path, scs::http::with(sessions, handler, friendly));
  };
  const auto post = [&](const char* path, auto handler) {  // only what our own pages send
    server.Post(path, scs::http::with(sessions, form(handler), friendly));
  };
  get("/", show_account);
  get("/login", show_login);
  post("/login", log_in_and_remember);
  post("/logout", log_out);
  get("/settings", show_settings);
  post("/settings", save_settings);
  get("/devices", devices);
  post("/devices", end_device);
  post("/leave", end_all);
  post("/vote", count_vote);
  get("/report", stream_report);
  server.Get("/messages", scs::http::with(sessions, count_messages,
                                          {.activity = scs::request_activity::passive}));
  scs::http::serve(server, "127.0.0.1", 4000);
}
