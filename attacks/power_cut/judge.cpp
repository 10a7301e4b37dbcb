#include "power_cut/judge.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "model/mismatch.hpp"
#include "power_cut/fates.hpp"
#include "support/batches.hpp"
#include "support/test_database.hpp"

namespace buntdb::attacks {

using model::require;
using testing::memory_file_system;
using testing::test_database;

namespace {

std::string content_or_nothing(const memory_file_system& disk) {
  const auto paths = disk.paths();
  return std::find(paths.begin(), paths.end(), attacked_path) == paths.end()
             ? std::string()
             : disk.content(attacked_path);
}

bool has_markers(const std::string& bytes) {
  for (std::size_t at = 0; (at = bytes.find(log::format::marker_head, at)) != std::string::npos;
       ++at) {
    if (log::read_marker(std::string_view(bytes).substr(at), at)) return true;
  }
  return false;
}

/// Requires that what the open did not cut off is unchanged. If the file had no markers, it may
/// have been rewritten instead; the caller then judges it by what it shows.
void require_kept_or_rewritten(const std::string& before, const std::string& after,
                               std::uint64_t cut) {
  if (cut > 0 && !has_markers(before) && has_markers(after)) return;
  require(after.size() + cut == before.size(), "of " + std::to_string(before.size()) + " bytes, " +
                                                   std::to_string(after.size()) + " are left and " +
                                                   std::to_string(cut) + " are said to be cut");
  require(before.starts_with(after), "recovery changed bytes that it kept");
}

/// Requires that everything that the open cut off the file is in another file, and was reported.
void require_reported(test_database& db, const memory_file_system& disk, const std::string& before,
                      figures& counts) {
  const statistics told = db->stats();
  const auto events = std::count_if(db.events().begin(), db.events().end(), [](const event& each) {
    return each.kind == event_kind::recovered;
  });
  const std::string after = disk.content(attacked_path);
  require(events == (told.recovered_bytes > 0 ? 1 : 0),
          std::to_string(told.recovered_bytes) + " bytes were cut and " + std::to_string(events) +
              " events tell of it");
  require_kept_or_rewritten(before, after, told.recovered_bytes);
  if (told.recovered_bytes == 0) return;
  require(disk.content(told.recovered_to) == before.substr(before.size() - told.recovered_bytes),
          "what was cut is not what was kept in " + told.recovered_to);
  counts.add("cuts reported");
}

std::string range_of(const allowed& what) {
  return std::to_string(what.floor) + " to " + std::to_string(what.ceiling);
}

/// Requires that what is committed after the recovery is as durable as any other commit.
void require_goes_on(test_database& db, memory_file_system& disk, const testing::fake_clock& clock,
                     const model::state& found, model::random_source& random, figures& counts) {
  const std::uint64_t number = 1'000'000 + random.below(1000);
  const batch next = make_batch(random, number, {.now = clock.now()});
  db->update([&](transaction& tx) { apply_batch(next, tx); });
  db->sync();
  model::state expected = found;
  apply_batch(next, expected);
  const auto later = disk.after_power_cut(memory_file_system::unsynced_data::dropped);
  test_database again(*later, clock);
  require_shows(again->begin_read(), expected, "after a commit behind the recovery");
  counts.add("commits after a recovery");
}

}  // namespace

std::size_t judge(memory_file_system& disk, const testing::fake_clock& clock, const allowed& what,
                  model::random_source& random, figures& counts, int depth) {
  const std::string before = content_or_nothing(disk);
  // Recovery makes about fourteen calls, and more if it cuts or rewrites the file.
  std::unique_ptr<memory_file_system> cut_again;
  if (depth < 2 && random.one_in(6)) {
    disk.watch([&, call = std::uint64_t{0}, chosen = random.below(random.one_in(2) ? 15 : 45)](
                   const testing::io_record&) mutable {
      if (call++ == chosen) cut_again = cut_power(disk, random);
    });
  }
  std::optional<test_database> db;
  try {
    db.emplace(disk, clock, random.one_in(2) ? sync_policy::always : sync_policy::never);
  } catch (const std::exception& refused) {
    throw model::mismatch(std::string("no open may fail after a power cut, and this one did: ") +
                          refused.what());
  }
  disk.watch({});
  std::size_t found = 0;
  {
    const snapshot view = (*db)->begin_read();
    found = static_cast<std::size_t>(number_in(view));
    require(found >= what.floor, "state " + std::to_string(found) + " was found, and only " +
                                     range_of(what) + " are allowed: durable commits are lost");
    require(found <= what.ceiling, "state " + std::to_string(found) + " was found, and only " +
                                       range_of(what) + " are allowed: it was never committed");
    require_shows(view, what.states[found], "state " + std::to_string(found));
  }
  require_reported(*db, disk, before, counts);
  counts.add("states");
  if (depth > 0) counts.add("of them in the middle of a recovery");
  if (found < what.ceiling) counts.add("with commits lost that were not durable");
  if (cut_again != nullptr) {
    judge(*cut_again, clock, what, random, counts, depth + 1);
  }
  if (random.one_in(3)) require_goes_on(*db, disk, clock, what.states[found], random, counts);
  return found;
}

}  // namespace buntdb::attacks
