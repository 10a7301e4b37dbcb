#pragma once

#include <atomic>
#include <functional>

#include <scs/stores/postgres.hpp>

#include "postgres/caller.hpp"
#include "postgres/statements.hpp"

namespace scs::stores::postgres_detail {

/// The table, which may be missing. Any number of threads may call any function.
class table {
 public:
  /// All arguments must outlive it.
  table(const postgres_options& options, const statements& sql, caller& calls) noexcept
      : options_(options), sql_(sql), calls_(calls) {}

  /// Checks that the table and its indexes exist, and creates what is missing, unless the options
  /// forbid it. Throws scs::error.
  void migrate(deadline until);

  /// Runs the statement. A missing table is created if the options allow it and this object has
  /// never seen the table. A table that existed before has been renamed or dropped, and an empty
  /// one in its place would log everybody out without an error. Throws scs::error.
  result run(const caller::work& what, repeatable again, deadline until);

  /// Throws scs::error if the first column of the result is not of the type that the options name.
  void require_payload_type(const result& from) const;

 private:
  struct parts_there {
    bool table = false;
    bool expiry_index = false;
    bool user_index = false;
  };

  parts_there look(deadline until);
  void create(const parts_there& there, deadline until);
  void remember() noexcept {
    if (!seen_.load(std::memory_order_relaxed)) seen_ = true;
  }

  const postgres_options& options_;
  const statements& sql_;
  caller& calls_;
  std::atomic<bool> seen_ = false;
};

}  // namespace scs::stores::postgres_detail
