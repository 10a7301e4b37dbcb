#include "http/driver/programs.hpp"

#include <filesystem>

namespace bench::http {

namespace {

/// As in the source of the examples.
constexpr int port_of_examples = 4000;
constexpr const char* database_file = "bunt.db";

std::string in_this_folder(const char* file) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / file).string();
}

std::vector<std::string> only_port(int port) {
  return {std::to_string(port)};
}

program without_sessions(const char* name, const char* file) {
  return {.name = name,
          .setup = "the same library, settings and listener",
          .file = in_this_folder(file),
          .has_sessions = false,
          .arguments = only_port};
}

program go(const std::string& sync) {
  return {.name = name::go,
          .setup = "net/http and BuntDB, sync policy " + sync +
                   "; a stand-in for SCS, which Debian does not have",
          .file = in_this_folder("go_http_server"),
          .arguments = [sync](int port) {
            return std::vector<std::string>{
                "--port", std::to_string(port), "--file", database_file, "--sync", sync};
          }};
}

std::vector<program> shipped() {
  const auto nothing = [](int) { return std::vector<std::string>{}; };
  return {{.name = name::quickstart,
           .setup = "examples/quickstart.cpp on cpp-httplib " BENCH_HTTPLIB_VERSION,
           .file = in_this_folder("quickstart"),
           .port = port_of_examples,
           .without = name::quickstart_without,
           .arguments = nothing},
          without_sessions(name::quickstart_without, "quickstart_without_sessions"),
          {.name = name::beast,
           .setup = "examples/beast_server.cpp",
           .file = in_this_folder("beast_server"),
           .port = port_of_examples,
           .without = name::beast_without,
           .arguments = nothing},
          without_sessions(name::beast_without, "beast_without_sessions"),
          {.name = name::drogon,
           .setup = "examples/drogon_server.cpp",
           .file = in_this_folder("drogon_server"),
           .port = port_of_examples,
           .arguments = nothing},
          {.name = name::drogon_own,
           .setup = "the same with Drogon's sessions, in memory only",
           .file = in_this_folder("drogon_own_sessions"),
           .arguments = only_port},
          {.name = name::demo,
           .setup = "examples/demo on cpp-httplib, whose sessions have an idle time",
           .file = in_this_folder("demo"),
           .arguments =
               [](int port) {
                 return std::vector<std::string>{"--port", std::to_string(port), "--database",
                                                 database_file};
               }},
          go("every_second")};
}

std::vector<program> with_policy(const std::string& sync) {
  return {{.name = name::beast_with_policy,
           .setup = "as examples/beast_server.cpp, sync policy " + sync,
           .file = in_this_folder("bench_http_server"),
           .without = name::beast_without,
           .arguments =
               [sync](int port) {
                 return std::vector<std::string>{
                     "--port", std::to_string(port), "--file", database_file, "--sync", sync};
               }},
          without_sessions(name::beast_without, "beast_without_sessions"),
          go(sync)};
}

}  // namespace

std::vector<program> programs_for(const options& options) {
  std::vector<program> all = options.sync.empty() ? shipped() : with_policy(options.sync);
  std::erase_if(all, [](const program& one) { return !std::filesystem::exists(one.file); });
  return all;
}

}  // namespace bench::http
