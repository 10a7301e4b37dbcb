#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "api/database_access.hpp"
#include "engine/instance.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::testing {

/// A database whose disk and clock belong to the test, and whose background steps the test runs.
class test_database {
 public:
  static constexpr const char* path = "/data/app.db";

  explicit test_database(io::file_system& files, const clock& clock,
                         sync_policy sync = sync_policy::every_second)
      : test_database(files, clock, sync, std::make_shared<std::vector<event>>()) {}

  /// Opens a database in memory.
  explicit test_database(const clock& clock)
      : events_(std::make_shared<std::vector<event>>()),
        database_(engine::database_access::in_memory({.clock = &clock}, without_threads)) {}

  test_database(const test_database&) = delete;
  test_database& operator=(const test_database&) = delete;

  database* operator->() noexcept { return &database_; }
  database& operator*() noexcept { return database_; }
  engine::instance& engine() noexcept { return engine::database_access::instance_of(database_); }

  /// Removes expired items, as the background thread does.
  void sweep() {
    while (engine().sweeper().remove_some().more) {
    }
  }
  /// Frees what no snapshot needs.
  void reclaim() { engine().maintenance().reclaim_all(); }

  const std::vector<event>& events() const noexcept { return *events_; }

 private:
  using event_list = std::shared_ptr<std::vector<event>>;

  test_database(io::file_system& files, const clock& clock, sync_policy sync,
                const event_list& events)
      : events_(events),
        database_(engine::database_access::open(
            files, path,
            {.sync = sync,
             .on_event = [events](const event& event) { events->push_back(event); },
             .clock = &clock},
            without_threads)) {}

  static constexpr bool without_threads = false;

  event_list events_;  // filled during the open, too
  database database_;
};

/// Returns everything that a reader sees, in order.
inline std::vector<std::pair<std::string, std::string>> contents(const reader& view) {
  std::vector<std::pair<std::string, std::string>> items;
  for (const auto [key, value] : view.ascend())
    items.emplace_back(key, value);
  return items;
}

inline std::vector<std::pair<std::string, std::string>> contents(const database& db) {
  return db.view([](const snapshot& view) { return contents(view); });
}

}  // namespace buntdb::testing
