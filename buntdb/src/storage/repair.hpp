#pragma once

#include <cstdint>
#include <string>

#include <buntdb/clock.hpp>

#include "io/file_system.hpp"
#include "log/recovery.hpp"
#include "log/salvage.hpp"
#include "storage/lost_commands.hpp"

namespace buntdb::engine {

/// The result of a repair.
struct repair_report {
  enum class outcome {
    nothing_wrong,  ///< an open would load all of it; the file is unchanged
    cut,            ///< its torn end was cut off, as an open would do
    rebuilt,        ///< a new file with what could be saved has replaced it
  };

  outcome result = outcome::nothing_wrong;
  log::inspection before;  ///< the file before the repair
  log::salvage_plan plan;  ///< if rebuilt: what was kept and lost
  lost_commands lost;      ///< what can be read in the bytes that were not kept
  /// If cut or rebuilt: what the file contained from the first damage on, and where it is kept.
  log::cut_result aside;
  std::uint64_t size_after = 0;
};

/// Makes the file usable again, under its lock. If an open would refuse the file, what
/// log::plan_salvage() keeps is written to a new file, in marked batches, with the old file's mode
/// and owner. All bytes of the old file from the first damage on are copied to FILE.damaged-OFFSET.
/// Both new files are on disk, and the repaired one has been read back, before it replaces the old
/// file, which is only read until then. If an open would only cut the file, it is cut in the same
/// way.
///
/// Relative expiries (`ex`) count from the file's time of modification, or from `now` if that is
/// earlier.
///
/// Throws what an open throws, and errc::not_a_database or errc::corrupt if nothing in the file can
/// be saved. The file is then unchanged, and no other file is left.
repair_report repair(io::file_system& files, const std::string& path, time_point now);

/// Returns what a repair would do, without acquiring the lock and without changing anything. Throws
/// what repair() throws.
repair_report foresee_repair(io::file_system& files, const std::string& path);

}  // namespace buntdb::engine
