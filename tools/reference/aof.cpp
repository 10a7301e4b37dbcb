#include <chrono>
#include <map>
#include <utility>

#include <buntdb/clock.hpp>

#include "base64.hpp"
#include "checkers.hpp"
#include "jsonl.hpp"
#include "log/recovery.hpp"
#include "support/map_sink.hpp"
#include "support/memory_file_system.hpp"

namespace check_reference {

namespace {

using buntdb::testing::map_sink;
using buntdb::testing::memory_file_system;

/// The value, and whether it expires, by key.
using contents = std::map<std::string, std::pair<std::string, bool>>;

contents expected_items(const nlohmann::json& row) {
  using buntstore::testing::from_base64;
  contents items;
  for (const auto& item : row.at("items_base64")) {
    items[from_base64(item.at(0).get<std::string>())] = {from_base64(item.at(1).get<std::string>()),
                                                         item.at(2).get<bool>()};
  }
  return items;
}

contents live_items(const map_sink& sink) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       buntdb::clock::system().now().time_since_epoch())
                       .count();
  contents items;
  for (const auto& [key, item] : sink.items()) {
    if (!item.ends || *item.ends > now) items[key] = {item.value, item.ends.has_value()};
  }
  return items;
}

/// Returns the bytes of a case. A torn case is the beginning of another one.
std::string bytes_of(const std::string& folder, const std::string& name) {
  using buntstore::testing::read_bytes;
  constexpr std::string_view torn = "torn_";
  if (!name.starts_with(torn)) return read_bytes(folder + "/aof/" + name + ".aof");
  return read_bytes(folder + "/aof/basic.aof").substr(0, std::stoul(name.substr(torn.size())));
}

/// Returns what is wrong with opening the file, by inspection, cut and replay.
std::string compare(const std::string& folder, const nlohmann::json& row) {
  const auto name = row.at("case").get<std::string>();
  const std::string bytes = bytes_of(folder, name);
  if (bytes.size() != row.at("bytes").get<std::size_t>()) return "the file has another size";

  memory_file_system files;
  const std::string path = "folder/" + name + ".aof";
  files.put(path, bytes, buntdb::clock::system().now());
  const auto file = files.open(path, buntdb::io::open_mode::read_write);
  const buntdb::log::inspection inspected = buntdb::log::inspect(*file);
  const bool refused =
      inspected.damage && inspected.damage->verdict == buntdb::log::damage_verdict::refuse;
  // BuntDB cuts this file to nothing. Here, more arguments than any command has are damage.
  const bool must_refuse = name == "array10" || !row.at("err").is_null();
  if (refused != must_refuse) {
    return refused ? "is refused: " + inspected.damage->reason : "is not refused";
  }
  if (refused) return files.content(path) == bytes ? "" : "is refused, but was changed";

  if (inspected.damage) buntdb::log::cut(files, *file, inspected);
  map_sink sink;
  buntdb::log::replay(*file, inspected, sink);
  if (live_items(sink) != expected_items(row)) return "holds other items";
  if (file->status().size != row.at("size_after_open").get<std::uint64_t>()) {
    return "has " + std::to_string(file->status().size) + " bytes after the open";
  }
  return {};
}

}  // namespace

void check_aof(const std::string& folder, report& out) {
  out.rows(folder + "/aof/expect.jsonl",
           [&folder](const nlohmann::json& row) { return compare(folder, row); });
}

}  // namespace check_reference
