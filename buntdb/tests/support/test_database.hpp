#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "database_access.hpp"
#include "engine/core.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::testing {

/// A database whose disk and clock belong to the test, and whose background thread the test plays.
class test_database {
 public:
  static constexpr const char* path = "/data/app.db";

  explicit test_database(io::file_system& files, const clock& clock,
                         sync_policy sync = sync_policy::every_second)
      : test_database(files, clock, sync, std::make_shared<std::vector<event>>()) {}

  /// In memory.
  explicit test_database(const clock& clock)
      : test_database(engine::core::in_memory({.clock = &clock}, {.with_background_thread = false}),
                      std::make_shared<std::vector<event>>()) {}

  test_database(const test_database&) = delete;
  test_database& operator=(const test_database&) = delete;

  database* operator->() noexcept { return &database_; }
  database& operator*() noexcept { return database_; }
  engine::core& core() noexcept { return core_; }

  /// Removes what has expired, as the background thread does.
  void sweep() {
    while (core_.remove_expired().more) {
    }
  }
  /// Frees what no snapshot needs.
  void reclaim() {
    while (core_.reclaim()) {
    }
  }

  const std::vector<event>& events() const noexcept { return *events_; }

 private:
  using event_list = std::shared_ptr<std::vector<event>>;

  test_database(io::file_system& files, const clock& clock, sync_policy sync,
                const event_list& events)
      : test_database(engine::core::open(
                          files, path,
                          {.sync = sync,
                           .on_event = [events](const event& event) { events->push_back(event); },
                           .clock = &clock},
                          {.with_background_thread = false}),
                      events) {}

  test_database(std::unique_ptr<engine::core> core, const event_list& events)
      : events_(events), core_(*core), database_(engine::database_access::make(std::move(core))) {}

  event_list events_;  // filled while the database is opened, too
  engine::core& core_;
  database database_;
};

/// Everything a reader sees, in order.
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
