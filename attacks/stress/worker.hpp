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

/// A database from its open to its close, as the threads that use it see it.
struct life {
  database& db;
  const std::string& path;
  figures& counts;
};

/// What one thread does. It outlives the database, and goes on with the next one; used by one
/// thread at a time.
class worker {
 public:
  explicit worker(std::uint64_t seed) : random_(seed) {}
  virtual ~worker() = default;
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Again and again, until the life ends or this throws errc::closed. Throws model::mismatch at a
  /// violation.
  virtual void step(life& now) = 0;

  /// After the last step; the database may be closed, but is still there. Snapshots must go.
  virtual void finish(life&) {}

  /// After the next open: whether what this worker has committed is there. Throws model::mismatch.
  virtual void require_kept(const reader&) {}

 protected:
  model::random_source random_;
};

/// Both kinds are in workers' own files.
using worker_list = std::vector<std::unique_ptr<worker>>;

/// Those that write: transfers, items that one thread owns, places, brief items, indexes.
void add_writers(worker_list& workers, std::uint64_t seed);

/// Those that read: all of a version again and again, snapshots and items that they hold.
void add_readers(worker_list& workers, std::uint64_t seed);

/// Those that work on the whole: compactions, copies, settings, figures.
void add_keepers(worker_list& workers, std::uint64_t seed);

/// Moves money between two accounts.
void transfer(transaction& tx, model::random_source& random);

}  // namespace buntdb::attacks::stress
