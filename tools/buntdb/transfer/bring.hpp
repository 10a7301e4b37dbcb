#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <scs/store.hpp>

#include "transfer/session_copier.hpp"
#include "transfer/session_file.hpp"

/// The source of sessions.
struct session_source {
  /// Calls the function for each record. May throw.
  std::function<void(const std::function<void(carried_session)>&)> for_each{};
  /// What the target stores about the source: see transfer_note.
  std::string identity{};
  /// For the progress bar; zero: unknown.
  std::uint64_t total = 0;
};

struct bring_options {
  /// For the progress bar.
  std::string title{};
  /// Whether ids that are tokens become hashes, as under scs::id_mode::hashed.
  bool hash_ids = false;
  /// Whether to repeat what was done already.
  bool again = false;
  /// How many calls of the target run concurrently.
  std::size_t threads = 1;
  /// Becomes true when the copying shall stop. Must not be null.
  const std::atomic<bool>* stopped = nullptr;
};

/// Returns all records of a store, except for those of transfer_note. The store must outlive the
/// result. for_each throws std::runtime_error if scs::stores::moving has not completed a move
/// there.
session_source all_of(scs::store& from, std::string identity);

struct brought {
  copied_counts counts{};
  /// Whether an earlier run was complete, so that this one has done nothing.
  bool was_done = false;
  /// Whether an earlier run was incomplete, and this one has continued it.
  bool went_on = false;
};

/// The copying was stopped before the end.
class bringing_stopped {};

/// Copies everything into the store. Throws bringing_stopped, and what the source and the store
/// throw.
brought bring(const session_source& source, scs::store& to, const bring_options& options);

/// Writes everything to a file. Throws the same.
copied_counts write_file(const session_source& source, const session_file_writer::sink& out,
                         const bring_options& options);
