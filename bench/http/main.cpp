// bench_http_server: the quickstart's server with and without sessions, for bench/http/run.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>
#include <fcntl.h>

#include <buntdb/buntdb.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

#include "harness/temporary_folder.hpp"
#include "http/servers.hpp"

int main(int count, char** words) {
  CLI::App options{"A server to be loaded by bench/http/run, on 127.0.0.1, until SIGTERM"};
  std::string library;
  std::string with_sessions;
  int port = 0;
  options.add_option("--library", library)->required()->check(CLI::IsMember({"httplib", "beast"}));
  options
      .add_option("--sessions", with_sessions,
                  "on: in buntdb, in a temporary folder; floor: none, but what no session can do "
                  "without, which is its header and a write(2) for a commit (beast)")
      ->required()
      ->check(CLI::IsMember({"on", "off", "floor"}));
  options.add_option("--port", port)->required()->check(CLI::Range(1, 65535));
  CLI11_PARSE(options, count, words);

  try {
    const bench::temporary_folder folder{std::filesystem::temp_directory_path()};
    buntdb::database db = buntdb::database::open(folder.path() / "bunt.db");
    scs::session_manager sessions{std::make_unique<scs::stores::buntstore>(db),
                                  {.cookie = {.secure = false}}};
    scs::session_manager* const used = with_sessions == "on" ? &sessions : nullptr;
    if (library == "httplib") {
      bench::http::serve_with_httplib(port, used);
      return 0;
    }
    bench::http::floor least;
    if (with_sessions == "floor") {
      least.file = ::open((folder.path() / "floor").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
      if (least.file < 0) throw std::runtime_error("cannot open a file in the temporary folder");
    }
    bench::http::serve_with_beast(port, used, least);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_http_server: %s\n", failure.what());
    return 1;
  }
}
