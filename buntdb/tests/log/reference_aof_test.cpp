// How BuntDB reads the same files: tests/reference/aof, through inspection, cut and replay.
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base64.hpp"
#include "jsonl.hpp"
#include "log/recovery.hpp"
#include "support/map_sink.hpp"
#include "support/memory_file_system.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using buntstore::testing::from_base64;
using buntstore::testing::read_bytes;
using buntstore::testing::read_reference;
using buntstore::testing::temporary_folder;
using buntstore::testing::write_bytes;
using testing::map_sink;
using testing::memory_file_system;

/// Value and whether it expires, by key.
using contents = std::map<std::string, std::pair<std::string, bool>>;

contents expected_items(const nlohmann::json& row) {
  contents items;
  for (const auto& item : row.at("items_base64")) {
    items[from_base64(item[0].get<std::string>())] = {from_base64(item[1].get<std::string>()),
                                                      item[2].get<bool>()};
  }
  return items;
}

/// Returns the items that have not expired.
contents live_items(const map_sink& sink) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(clock::system().now().time_since_epoch())
          .count();
  contents items;
  for (const auto& [key, item] : sink.items()) {
    if (!item.ends || *item.ends > now) items[key] = {item.value, item.ends.has_value()};
  }
  return items;
}

std::string file_of(const std::string& name) {
  const std::string folder = std::string(BUNTSTORE_REFERENCE_DIR) + "/aof/";
  if (!name.starts_with("torn_")) return read_bytes(folder + name + ".aof");
  return read_bytes(folder + "basic.aof").substr(0, std::stoul(name.substr(5)));
}

TEST(reference_aof, opens_every_file_as_the_original_does) {
  memory_file_system files;
  int refused = 0;
  int torn = 0;
  for (const auto& row : read_reference("aof/expect.jsonl")) {
    const std::string name = row.at("case");
    SCOPED_TRACE(name);
    const std::string path = "folder/" + name + ".aof";
    const std::string bytes = file_of(name);
    ASSERT_EQ(bytes.size(), row.at("bytes").get<std::size_t>());
    files.put(path, bytes, clock::system().now());
    const auto file = files.open(path, io::open_mode::read_write);
    const log::inspection inspected = log::inspect(*file);

    // BuntDB cuts this file to nothing; here, more arguments than any command has are damage.
    const bool differs = name == "array10";
    if (differs || !row.at("err").is_null()) {
      ASSERT_TRUE(inspected.damage);
      EXPECT_EQ(inspected.damage->verdict, log::damage_verdict::refuse);
      EXPECT_NE(inspected.damage->reason.find(path), std::string::npos);
      EXPECT_EQ(files.content(path), bytes);
      ++refused;
      continue;
    }
    if (inspected.damage) {
      ASSERT_EQ(inspected.damage->verdict, log::damage_verdict::cut) << inspected.damage->reason;
      const log::cut_result cut = log::cut(files, *file, inspected);
      EXPECT_EQ(files.content(cut.kept_in), bytes.substr(inspected.good_end));
      ++torn;
    }
    map_sink sink;
    log::replay(*file, inspected, sink);
    EXPECT_EQ(live_items(sink), expected_items(row));
    EXPECT_EQ(file->status().size, row.at("size_after_open").get<std::uint64_t>());
  }
  EXPECT_EQ(refused, 12);
  EXPECT_GT(torn, 300);
}

TEST(reference_aof, is_read_from_a_disk_too) {
  const temporary_folder folder;
  io::file_system& files = io::file_system::native();
  for (const std::string name : {"big_value", "torn_200"}) {
    SCOPED_TRACE(name);
    const std::string path = folder.file(name);
    const std::string bytes = file_of(name);
    write_bytes(path, bytes);
    const auto file = files.open(path, io::open_mode::read_write);
    file->set_modified(time_point(std::chrono::seconds(1'000'000'000)));
    const log::inspection found = log::inspect(*file);
    map_sink sink;
    log::replay(*file, found, sink);
    EXPECT_FALSE(sink.items().empty());
    EXPECT_EQ(found.damage.has_value(), name == "torn_200");
    if (!found.damage) continue;
    const log::cut_result cut = log::cut(files, *file, found);
    EXPECT_EQ(read_bytes(path) + read_bytes(cut.kept_in), bytes);
    EXPECT_EQ(file->status().size, found.good_end);
    EXPECT_EQ(file->status().modified, found.modified);
  }
}

}  // namespace
}  // namespace buntdb
