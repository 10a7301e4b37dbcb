#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <scs/store.hpp>

#include "transfer/session_copier.hpp"
#include "transfer/session_file.hpp"

/// Where sessions come from.
struct session_source {
  /// Calls the function for each record. May throw.
  std::function<void(const std::function<void(carried_session)>&)> for_each{};
  /// What the target remembers of it: see transfer_note.
  std::string identity{};
  /// For the progress bar; zero: unknown.
  std::uint64_t total = 0;
};

struct bring_options {
  /// For the progress bar.
  std::string title{};
  /// Whether ids that are tokens become hashes, as under scs::id_mode::hashed.
  bool hash_ids = false;
  /// Whether to do what was done already.
  bool again = false;
  /// How many calls of the target run at once.
  std::size_t threads = 1;
  /// Becomes true when it shall stop. Must not be null.
  const std::atomic<bool>* stopped = nullptr;
};

/// All records of a store, but for what transfer_note has put there. The store must outlive it. The
/// function throws std::runtime_error if scs::stores::moving has not completed a move there.
session_source all_of(scs::store& from, std::string identity);

struct brought {
  copied_counts counts{};
  /// An earlier run was complete, and this one has done nothing.
  bool was_done = false;
  /// An earlier run was not complete, and this one has gone on.
  bool went_on = false;
};

/// Stopped before the end.
class bringing_stopped {};

/// Puts all into the store. Throws bringing_stopped; what the source and the store throw.
brought bring(const session_source& source, scs::store& to, const bring_options& options);

/// Writes all to a file. The same.
copied_counts write_file(const session_source& source, const session_file_writer::sink& out,
                         const bring_options& options);
