#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/driver/options.hpp"

namespace bench::http {

/// A server to be loaded. It answers /get and /put as examples/quickstart.cpp does.
struct program {
  std::string name;
  std::string setup;  ///< one line for the report
  std::string file;
  int port = 0;  ///< the only one on which it can listen; 0: any
  bool has_sessions = true;
  std::string without = {};  ///< The name of the same program without sessions, if there is one.
  /// Returns the arguments with which it listens on that port. Its working folder is a new one.
  std::function<std::vector<std::string>(int port)> arguments = {};
};

namespace name {
inline constexpr const char* quickstart = "quickstart";
inline constexpr const char* beast = "beast_server";
inline constexpr const char* drogon = "drogon_server";
inline constexpr const char* drogon_own = "Drogon's own sessions";
inline constexpr const char* demo = "demo";
inline constexpr const char* go = "Go stand-in";
inline constexpr const char* quickstart_without = "quickstart without sessions";
inline constexpr const char* beast_without = "Beast without sessions";
inline constexpr const char* beast_with_policy = "bench_http_server";
}  // namespace name

/// Returns the programs that were built, of those that the options request.
std::vector<program> programs_for(const options& options);

}  // namespace bench::http
