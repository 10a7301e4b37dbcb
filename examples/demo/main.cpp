// The demo server: sessions in one file, on 127.0.0.1.

#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <httplib.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/serve.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

#include "site.hpp"

namespace {

using namespace std::chrono_literals;

struct settings {
  int port = 4000;
  std::string database = "bunt.db";
};

void run(const settings& chosen) {
  const auto log = [](const buntdb::event& event) {
    std::cerr << "demo: " << event.message << std::endl;
  };
  buntdb::database db = buntdb::database::open(chosen.database, {.on_event = log});
  scs::session_manager sessions{
      std::make_unique<scs::stores::buntstore>(db),
      {.lifetime = 24h, .idle_timeout = 20min, .cookie = {.secure = false}}};
  httplib::Server server;
  add_site(server, sessions);
  scs::http::serve(server, "127.0.0.1", chosen.port, [&](int port) {
    std::cout << "Serving on http://127.0.0.1:" << port << ", sessions in " << chosen.database
              << ". Ctrl-C stops." << std::endl;
  });
  db.close();
  std::cout << "Stopped." << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  settings chosen;
  CLI::App options{"buntstore's demo: web sessions that survive a restart"};
  options.add_option("--port", chosen.port, "listen on 127.0.0.1:PORT; 0 takes a free port")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  options.add_option("--database", chosen.database, "keep the sessions in this file")
      ->check([](const std::string& file) { return file.empty() ? "a file name is needed" : ""; })
      ->type_name("FILE")
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
