#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "support/map_sink.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::testing {

inline const std::string log_path = "folder/app.db";
inline constexpr time_point written_at{std::chrono::milliseconds(1'000'000'000'700)};

/// A file that is opened as the engine opens it, up to the first append.
struct opened_file {
  explicit opened_file(std::string_view bytes) {
    disk.put(log_path, bytes, written_at);
    file = disk.open(log_path, io::open_mode::read_write);
    found = log::inspect(*file, file->status(), told);
  }

  map_sink::map items() const {
    map_sink sink;
    log::replay(*file, found, sink);
    if (!found.damage) {
      EXPECT_EQ(told.items(), sink.items());
    }
    return sink.items();
  }

  log::damage_verdict verdict() const { return found.damage.value().verdict; }
  bool is_refused() const { return found.damage && verdict() == log::damage_verdict::refuse; }
  bool is_cut() const { return found.damage && verdict() == log::damage_verdict::cut; }

  memory_file_system disk;
  std::unique_ptr<io::file> file;
  map_sink told;  // what the inspection passed on
  log::inspection found;
};

inline std::string set(std::string_view key, std::string_view value) {
  std::string out;
  log::append_set(out, key, value);
  return out;
}

inline map_sink::map items(const std::map<std::string, std::string>& values) {
  map_sink::map out;
  for (const auto& [key, value] : values)
    out[key] = {value, std::nullopt};
  return out;
}

}  // namespace buntdb::testing
