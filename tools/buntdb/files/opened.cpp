#include "files/opened.hpp"

#include <system_error>

#include "api/database_access.hpp"
#include "output/output.hpp"
#include "output/progress.hpp"

namespace {

buntdb::database load(watched_file_system& files, const std::string& path, purpose why) {
  const auto found = files.status(path);
  if (!found && why != purpose::writing) {
    // Opening would create it; nobody asks for a value, or to erase one, wishing for a new file.
    throw buntdb::error(std::make_error_code(std::errc::no_such_file_or_directory),
                        "cannot open " + path);
  }
  const std::uint64_t size = found ? found->size : 0;
  const progress bar("Loading " + path, progress_unit::bytes, [&files, size]() -> progress_state {
    // Once to see that all is well, once to load it. More looks, at a file that is being written,
    // cannot be foreseen.
    const auto& counted = files.counted();
    const std::uint64_t passes = counted.passes;
    if (passes < 1 || passes > 2) return {counted.position, 0};
    return {(passes - 1) * size + counted.position, 2 * size};
  });
  const buntdb::options options{
      // A command that takes a moment is not the time to write a large file anew.
      .compaction = {.automatic = false},
      .read_only = why == purpose::reading,
      .on_event =
          [](const buntdb::event& event) {
            // BuntDB's own files are opened all the time.
            if (event.kind == buntdb::event_kind::foreign_file) return;
            complain("warning: " + event.message);
          },
  };
  return buntdb::engine::database_access::open(files, path, options);
}

}  // namespace

opened::opened(const std::string& path, purpose why) : database_(load(files_, path, why)) {}
