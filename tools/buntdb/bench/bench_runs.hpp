#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What one measurement of `buntdb bench` found.
struct bench_result {
  std::string name;         ///< for programs: snake_case
  std::string description;  ///< for people
  std::uint64_t operations = 0;
  std::chrono::nanoseconds elapsed{};
  /// Of one operation's time; only where each was timed.
  std::optional<std::chrono::nanoseconds> median;
  std::optional<std::chrono::nanoseconds> p99;

  double per_second() const noexcept;
};

struct bench_report {
  std::vector<bench_result> results;
  std::uint64_t sessions = 0;                    ///< that were stored
  std::uint64_t payload_bytes = 0;               ///< of each
  double memory_per_session = 0;                 ///< bytes, of the database
  std::optional<double> map_memory_per_session;  ///< of std::unordered_map, where it can be seen
  std::uint64_t file_bytes = 0;
};

struct bench_settings {
  std::filesystem::path folder;  ///< for the files; they are removed in the end
  std::uint64_t sessions = 100'000;
  std::chrono::nanoseconds duration = std::chrono::seconds(20);  ///< of all together, about
};

/// How much of the time is over; called often, from the same thread. False ends the benchmark: then
/// run_bench() throws bench_stopped.
using bench_watcher = std::function<bool(double part)>;
class bench_stopped {};

/// Measures on one thread, with default options of the database but where a result's name says
/// otherwise. Throws buntdb::error, std::system_error, bench_stopped; removes its files in any case
/// but a kill.
bench_report run_bench(const bench_settings& settings, const bench_watcher& watcher);
