// The demo site: sessions in one file, on 127.0.0.1.

#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <httplib.h>
#include <unistd.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/serve.hpp>
#include <scs/metrics.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

#include "figures.hpp"
#include "operator_key.hpp"
#include "site.hpp"
#include "traffic.hpp"

namespace {

using namespace std::chrono_literals;

struct settings {
  int port = 4000;
  std::string database = "bunt.db";
  int brief_lifetime_s = 90;
  int brief_idle_s = 20;
};

/// As a shell takes it for one word.
std::string quoted_argument(const std::string& argument) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";
  if (argument.find_first_not_of(plain) == std::string::npos) return argument;
  std::string text = "'";
  for (const char c : argument)
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// Until the process is asked to end.
void serve_site(const settings& chosen, buntdb::database& db) {
  const auto counts = std::make_shared<scs::metrics>();
  // [manager]
  scs::session_manager sessions{
      std::make_unique<scs::stores::bunt>(db),
      scs::session_options{
          .lifetime = 24h,
          .idle_timeout = 1h,
          .cookie = {.secure = false},  // plain http, on this machine
          .max_sessions_per_user = 10,
          .metrics = counts,
      }};
  // [/manager]
  const std::chrono::seconds brief_lifetime{chosen.brief_lifetime_s};
  const std::chrono::seconds brief_idle_timeout{chosen.brief_idle_s};
  const auto brief_counts = std::make_shared<scs::metrics>();
  // [brief manager]
  const scs::stores::bunt_options apart{.prefix = "brief:"};
  scs::session_manager brief_sessions{
      std::make_unique<scs::stores::bunt>(db, apart),
      scs::session_options{
          .lifetime = brief_lifetime,
          .idle_timeout = brief_idle_timeout,
          .cookie = {.name = "brief", .secure = false},  // plain http
          .metrics = brief_counts,
      }};
  // [/brief manager]

  figure_recorder figures{
      db, {{&sessions, counts.get()}, {&brief_sessions, brief_counts.get()}}};
  traffic visitors{brief_sessions};
  operator_key key;
  site site{.sessions = sessions,
            .brief_sessions = brief_sessions,
            .database = db,
            .figures = figures,
            .visitors = visitors,
            .key = key,
            .start_command = {},
            .address = {}};
  httplib::Server server;
  add_site(server, site);
  const auto on_listening = [&](int port) {
    site.start_command = "scripts/demo --port " + std::to_string(port) +
                         " --database " + quoted_argument(chosen.database);
    site.address = "http://127.0.0.1:" + std::to_string(port);
    figures.start();  // here the signals that stop the server are blocked already
    std::cout << "Serving on " << site.address << ", sessions in " << chosen.database
              << " (process " << getpid() << "). Ctrl-C stops." << std::endl;
    print_operator_link(site);
  };
  scs::http::serve(server, "127.0.0.1", chosen.port, {.on_listening = on_listening});
}

void run(const settings& chosen) {
  const auto log = [](const buntdb::event& event) {
    std::cerr << "demo: " << event.message << std::endl;
  };
  // [database]
  buntdb::database db = buntdb::database::open(chosen.database, {.on_event = log});
  // [/database]
  serve_site(chosen, db);
  db.close();
  std::cout << "Stopped." << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  settings chosen;
  CLI::App options{"buntstore's demo: web sessions that survive a restart"};
  options
      .add_option("--port", chosen.port,
                  "listen on 127.0.0.1:PORT; 0 takes a free port")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  options.add_option("--database", chosen.database, "keep the sessions in this file")
      ->check([](const std::string& file) {
        return file.empty() ? "a file name is needed" : "";
      })
      ->type_name("FILE")
      ->capture_default_str();
  options
      .add_option("--brief-lifetime", chosen.brief_lifetime_s,
                  "the page about expiry: lifetime, in seconds")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  options
      .add_option("--brief-idle", chosen.brief_idle_s,
                  "the page about expiry: idle timeout, in seconds")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  try {
    options.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return options.exit(problem) == 0 ? 0 : 2;
  }

  try {
    run(chosen);
  } catch (const std::exception& problem) {
    std::cerr << "demo: " << problem.what() << '\n';
    return 1;
  }
  return 0;
}
