#pragma once

#include <cstdint>
#include <string>

#include <buntdb/clock.hpp>

#include "io/file_system.hpp"
#include "log/recovery.hpp"
#include "log/salvage.hpp"
#include "storage/lost_commands.hpp"

namespace buntdb::engine {

/// What a repair has done.
struct repair_report {
  enum class outcome {
    nothing_wrong,  ///< an open would load all of it; it was not touched
    cut,            ///< its torn end was cut off, as an open would have done
    rebuilt,        ///< what could be saved is in a new file in its place
  };

  outcome result = outcome::nothing_wrong;
  log::inspection before;  ///< the file as it was
  log::salvage_plan plan;  ///< rebuilt: what was kept and lost of it
  lost_commands lost;      ///< what can be read in the bytes that were not kept
  log::cut_result aside;   ///< cut, rebuilt: what the file had from the first damage on, and where
  std::uint64_t size_after = 0;
};

/// Makes a file of this name that opens, under its lock. Where an open would refuse the file, what
/// log::plan_salvage() keeps goes into a new file, in marked batches, with the old one's mode and
/// owner; all bytes of the old one from the first damage on go to FILE.damaged-OFFSET. Both are on
/// disk, and the new file was read again, before it takes the old one's place: until then that is
/// only read. Where an open would only cut the file, it is cut just so.
///
/// `ex` counts from the file's time of modification, or from now if that is earlier.
///
/// Throws buntdb::error: as an open does; errc::not_a_database or errc::corrupt if nothing in the
/// file can be saved. The file is then as it was, and nothing is left beside it.
repair_report repair(io::file_system& files, const std::string& path, time_point now);

/// What a repair would do, without the lock and without a change. Throws as repair() does.
repair_report foresee_repair(io::file_system& files, const std::string& path);

}  // namespace buntdb::engine
