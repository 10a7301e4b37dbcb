#include "files/opened.hpp"

#include <system_error>

#include "api/database_access.hpp"
#include "output/output.hpp"
#include "output/progress.hpp"

namespace {

buntdb::database load(watched_file_system& files, const std::string& path, purpose why) {
  const auto found = files.status(path);
  if (!found && why != purpose::writing) {
    // Opening would create the file. A user who reads or erases a value does not want a new file.
    throw buntdb::error(std::make_error_code(std::errc::no_such_file_or_directory),
                        "cannot open " + path);
  }
  const std::uint64_t size = found ? found->size : 0;
  const progress bar("Loading " + path, progress_unit::bytes, [&files, size]() -> progress_state {
    // The file is read once to check it, and once to load it. Further passes over a file that is
    // being written cannot be foreseen.
    const auto& counted = files.counted();
    const std::uint64_t passes = counted.passes;
    if (passes < 1 || passes > 2) return {counted.position, 0};
    return {(passes - 1) * size + counted.position, 2 * size};
  });
  const buntdb::options options{
      // A short command should not compact a large file.
      .compaction = {.automatic = false},
      .read_only = why == purpose::reading,
      .on_event =
          [](const buntdb::event& event) {
            // BuntDB's own files are opened often, so there is no warning.
            if (event.kind == buntdb::event_kind::foreign_file) return;
            complain("warning: " + event.message);
          },
  };
  return buntdb::engine::database_access::open(files, path, options);
}

}  // namespace

opened::opened(const std::string& path, purpose why) : database_(load(files_, path, why)) {}
