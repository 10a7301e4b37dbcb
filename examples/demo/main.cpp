// The demo site: sessions in one file, on 127.0.0.1.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <httplib.h>
#include <unistd.h>

#include <buntdb/buntdb.hpp>
#include <buntdb/control.hpp>
#include <scs/http/serve.hpp>
#include <scs/metrics.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/session_commands.hpp>

#include "figures.hpp"
#include "operator_key.hpp"
#include "site.hpp"
#include "traffic.hpp"

namespace {

using namespace std::chrono_literals;

struct settings {
  int port = 4000;
  std::string database = "bunt.db";
  std::uint64_t max_memory_bytes = 0;
  int brief_lifetime_s = 90;
  int brief_idle_s = 20;
  bool restart = false;
};

/// Returns an argument as a shell reads it as one word.
std::string quoted_argument(const std::string& argument) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";
  if (argument.find_first_not_of(plain) == std::string::npos) return argument;
  std::string text = "'";
  for (const char c : argument)
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// Returns the file name of a process's program, without its folder.
std::string program_of(const std::string& process) {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/" + process + "/exe", unknown)
      .filename()
      .string();
}

/// If a demo server has the database, asks it to end.
void end_demo_before(const std::string& file) {
  if (!std::filesystem::exists(file)) return;
  const std::optional<long> holder = buntdb::database::lock_holder(file);
  if (!holder) return;
  const std::string process = std::to_string(*holder);
  if (program_of(process) != program_of("self")) {
    throw std::runtime_error("process " + process + " has " + file +
                             ", and is no demo server: end it first");
  }
  std::cout << "Taking over from process " << process << "." << std::endl;
  kill(static_cast<pid_t>(*holder), SIGTERM);
}

/// Prints how to reach the server.
void say_where(const site& site, const std::string& database,
               const std::filesystem::path& socket) {
  std::cout << "Serving on " << site.address << ", sessions in " << database
            << " (process " << getpid() << "). Ctrl-C stops.\n"
            << "buntdb works on " << quoted_argument(database)
            << " meanwhile, through " << socket.filename().string()
            << ": buntdb sessions " << quoted_argument(database) << " list"
            << std::endl;
}

/// Serves until the process is asked to end.
void serve_site(const settings& chosen, buntdb::database& db,
                scs::http::listening_socket socket) {
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
  // An idle timeout longer than the lifetime is not allowed.
  const std::chrono::seconds brief_idle_timeout{
      std::min(chosen.brief_idle_s, chosen.brief_lifetime_s)};
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

  buntdb::control_socket control{
      db,
      chosen.database,
      {.commands = scs::stores::session_commands(
           db, {{&sessions}, {&brief_sessions, apart.prefix}})}};

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
    figures.start();  // the stop signals are blocked in this thread
    say_where(site, chosen.database, control.path());
    print_operator_link(site);
  };
  scs::http::serve(server, std::move(socket), {.on_listening = on_listening});
}

void run(const settings& chosen) {
  const auto log = [](const buntdb::event& event) {
    std::cerr << "demo: " << event.message << std::endl;
  };
  // From now on connections wait until this process has the database.
  using scs::http::port_sharing;
  scs::http::listening_socket socket{
      {.port = chosen.port,
       .sharing = chosen.restart ? port_sharing::joined : port_sharing::offered}};
  if (chosen.restart) end_demo_before(chosen.database);
  const std::chrono::seconds patience{chosen.restart ? 20 : 0};
  // [database]
  buntdb::database db = buntdb::database::open(
      chosen.database, {.max_memory_bytes = chosen.max_memory_bytes,
                        .lock_timeout = patience,
                        .on_event = log});
  // [/database]
  serve_site(chosen, db, std::move(socket));
  db.close({.may_compact = false});  // another process may wait for it
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
      .add_option("--max-memory", chosen.max_memory_bytes,
                  "refuse new sessions beyond so much memory; 0: never")
      ->type_name("BYTES")
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
  options.add_flag("--restart", chosen.restart,
                   "take over from the demo server that has the port and the file, "
                   "without a failed request");
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
