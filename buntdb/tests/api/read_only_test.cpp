#include <chrono>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;

const char* const path = test_database::path;

TEST(read_only, shows_a_live_file_and_changes_nothing) {
  fake_clock clock;
  memory_file_system files;
  test_database writer(files, clock);
  writer->set("a", "1");
  const options read_only{.read_only = true, .clock = &clock};
  const auto open = [&] { return engine::database_access::open(files, path, read_only, false); };
  {
    const database reader = open();
    EXPECT_EQ(reader.get("a"), "1");
    writer->set("a", "2");
    EXPECT_EQ(reader.get("a"), "1");
    EXPECT_EQ(reader.stats().file_bytes, files.content(path).size() - 63 - 27);
  }
  const std::string before = files.content(path);
  {
    database reader = open();
    EXPECT_EQ(code_of([&] { reader.set("a", "3"); }), errc::read_only);
    EXPECT_EQ(code_of([&] { reader.compact(); }), errc::read_only);
    EXPECT_EQ(code_of([&] { static_cast<void>(reader.try_begin_for(0s)); }), errc::read_only);
    reader.sync();
    reader.close();
  }
  EXPECT_EQ(files.content(path), before);
  files.put("/data/torn.db", before.substr(0, before.size() - 3));
  std::vector<event> events;
  const database torn = engine::database_access::open(
      files, "/data/torn.db",
      {.read_only = true, .on_event = [&](const event& event) { events.push_back(event); }}, false);
  EXPECT_EQ(torn.get("a"), "1");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, event_kind::ignored_torn_end);
  EXPECT_EQ(files.content("/data/torn.db").size(), before.size() - 3);
  EXPECT_EQ(
      code_of([&] { engine::database_access::open(files, "/data/absent.db", read_only, false); }),
      std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace buntdb
