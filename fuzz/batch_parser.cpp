// Parses any bytes as the commands of a batch whose checksum is correct. They are accepted if they
// are whole commands, and cut off otherwise. The parser's result for a part of them is consistent
// with its result for the whole.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "log/batch.hpp"
#include "log/marker.hpp"
#include "log/parse.hpp"
#include "log/recovery.hpp"
#include "require.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"
#include "support/memory_file_system.hpp"

using namespace buntdb;
using buntstore::fuzz::require;

namespace {

bool are_whole_commands(std::string_view bytes) {
  while (!bytes.empty()) {
    const log::parsed_command command = log::parse_command(bytes, log::window_end::end_of_file);
    if (command.status != log::parse_status::complete ||
        command.kind == log::command_kind::nothing) {
      return false;
    }
    if (command.kind == log::command_kind::erase && log::is_marker_key(command.key)) return false;
    require(command.size > 0 && command.size <= bytes.size(), "a command's size is wrong");
    bytes.remove_prefix(command.size);
  }
  return true;
}

/// More bytes never change a decision.
void require_monotonic(std::string_view bytes) {
  const log::parsed_command whole = log::parse_command(bytes, log::window_end::more_follows);
  const std::size_t most = std::min<std::size_t>(bytes.size(), 256);
  for (std::size_t size = 0; size < most; ++size) {
    const log::parsed_command part =
        log::parse_command(bytes.substr(0, size), log::window_end::more_follows);
    if (part.status == log::parse_status::needs_more) continue;
    require(part.status == whole.status, "the parser decides too early");
    require(part.size == whole.size && part.kind == whole.kind, "the parser decides otherwise");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string payload(reinterpret_cast<const char*>(data), size);
  require_monotonic(payload);
  testing::log_builder log;
  log.seal().synced();
  const std::uint64_t begin = log.size();
  log.batch([&](std::string& out) { out += payload; });
  testing::memory_file_system disk;
  disk.put("db", log.bytes());
  const auto file = disk.open("db", io::open_mode::read_only);
  testing::map_sink told;
  const log::inspection found = log::inspect(*file, file->status(), told);
  const bool whole = are_whole_commands(payload);
  require(whole == !found.damage.has_value(), "a batch is taken for what it is not");
  if (found.damage) {
    require(found.good_end == begin, "part of a damaged batch is good");
    require(found.damage->verdict == log::damage_verdict::cut, "a torn batch is refused");
  }
  testing::map_sink sink;
  log::replay(*file, found, sink);
  if (whole) require(told.items() == sink.items(), "an inspection tells something else");
  return 0;
}
