#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "model/random_source.hpp"
#include "support/figures.hpp"

namespace buntdb::attacks::stress {

/// A database from its open to its close, as seen by the threads that use it.
struct life {
  database& db;
  const std::string& path;
  figures& counts;
};

/// What one thread does. It outlives the database and continues with the next one. Used by one
/// thread at a time.
class worker {
 public:
  explicit worker(std::uint64_t seed) : random_(seed) {}
  virtual ~worker() = default;
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Called repeatedly, until the life ends or this throws errc::closed. Throws model::mismatch at
  /// a violation.
  virtual void step(life& now) = 0;

  /// Called after the last step; the database may be closed but still exists. Snapshots must be
  /// released.
  virtual void finish(life&) {}

  /// Called after the next open: checks that what this worker has committed is there. Throws
  /// model::mismatch.
  virtual void require_kept(const reader&) {}

 protected:
  model::random_source random_;
};

/// Each kind of worker is defined in its own file.
using worker_list = std::vector<std::unique_ptr<worker>>;

/// Workers that write: transfers, items that one thread owns, places, brief items, indexes.
void add_writers(worker_list& workers, std::uint64_t seed);

/// Workers that read: all of a version repeatedly, snapshots and items that they hold.
void add_readers(worker_list& workers, std::uint64_t seed);

/// Workers on the whole database: compactions, copies, settings, figures.
void add_keepers(worker_list& workers, std::uint64_t seed);

/// Moves money between two accounts.
void transfer(transaction& tx, model::random_source& random);

}  // namespace buntdb::attacks::stress
