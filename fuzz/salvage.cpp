// Plans the repair of any bytes as a damaged file. The plan accounts for each byte once, in order,
// and replaying what is kept passes on as many commands as the plan says.
#include "log/salvage.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "io/memory_file.hpp"
#include "log/recovery.hpp"
#include "require.hpp"

using namespace buntdb;
using buntstore::fuzz::require;

namespace {

/// Counts commands.
class counter final : public log::command_sink {
 public:
  void set(std::string_view, std::string_view) override { ++count; }
  void set_expiring(std::string_view, std::string_view, std::int64_t) override { ++count; }
  void erase(std::string_view) override { ++count; }
  void clear() override { ++count; }

  std::uint64_t count = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const io::memory_file file("file", std::string(reinterpret_cast<const char*>(data), size), {});
  const log::salvage_plan plan = log::plan_salvage(file);
  std::uint64_t end = 0;
  for (const log::piece& each : plan.pieces) {
    require(each.offset == end && each.size > 0, "a byte is in no piece, or in two");
    end += each.size;
  }
  require(end == size, "the pieces end before the file, or after it");
  counter kept;
  log::replay(file, plan, kept);
  require(kept.count <= plan.kept_commands(), "more is kept than the plan says");
  if (!log::inspect(file).damage) {
    require(plan.bytes(log::piece_kind::lost) == 0, "something of a good file is lost");
  }
  return 0;
}
