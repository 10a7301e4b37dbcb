#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench::http {

enum class cookies {
  none,  ///< each request is that of a new visitor
  one,   ///< one session on all connections
  many,  ///< options::sessions sessions in turns
};

enum class load_program {
  wrk,
  own,  ///< load/load.hpp, which reports how evenly the connections are served
};

/// A load for all programs in turn.
struct load {
  std::string path;
  bench::http::cookies cookies;
  std::size_t connections;
  bool reopen = false;  ///< a connection for each request, instead of keeping them open
  load_program made_by = load_program::wrk;
  std::size_t idle_connections = 0;  ///< in addition; load_program::own only

  bool operator==(const load&) const = default;
};

/// Returns the loads in the order in which they are measured and printed.
std::vector<load> all_loads();

/// Returns a name such as "/get, one session, 32 connections".
std::string name_of(const load& load);

/// Names of figures in bench::results, where a workload is name_of() with one of these.
namespace figure {
inline constexpr std::string_view rate = "requests/s";
inline constexpr std::string_view p50 = "p50";
inline constexpr std::string_view p99 = "p99";
inline constexpr std::string_view p999 = "p99.9";
inline constexpr std::string_view longest = "max";
inline constexpr std::string_view cpu = "CPU/request";
inline constexpr std::string_view resident = "resident";
inline constexpr std::string_view errors = "errors";
inline constexpr std::string_view reconnects = "reopened";
inline constexpr std::string_view least_served = "least served";
inline constexpr std::string_view silence = "silence";
}  // namespace figure

/// Returns a name such as "/get, one session, 32 connections: p99".
std::string workload_of(const load& load, std::string_view figure);

}  // namespace bench::http
