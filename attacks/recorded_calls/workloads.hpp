#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/state.hpp"
#include "support/batches.hpp"

namespace buntdb::attacks {

/// What a recorded process does to a database, in one thread, on the real file system. It prints
/// "try N" before it commits batch N of its history, "ack N" when that has returned, and "durable"
/// when everything that was acknowledged must be on disk.
struct workload {
  const char* name;
  /// Makes the initial file. Returns its state.
  model::state (*prepare)(const std::string& path, std::uint64_t history);
  void (*run)(const std::string& path, const std::string& policy, std::uint64_t history);
};

/// One of each kind: commits, syncs and closes; compactions; short runs that compact at the open
/// and at the close; a torn file; a file of another program, whole or torn; copies; a purge.
std::span<const workload> all_workloads() noexcept;

inline constexpr batch_shape recorded_shape{.max_changes = 4, .longest_value = 1500};

}  // namespace buntdb::attacks
