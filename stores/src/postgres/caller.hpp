#pragma once

#include <functional>
#include <span>

#include "postgres/pool.hpp"
#include "postgres/statements.hpp"

namespace scs::stores::postgres_detail {

/// Whether a statement may be executed twice.
enum class repeatable { no, yes };

/// Executes statements, and repeats them where that is right. Any number of threads may call it.
class caller {
 public:
  using work = std::function<result(connection&, deadline)>;

  /// The pool must outlive it. `timeout` is that of a call.
  caller(pool& connections, std::chrono::milliseconds timeout) noexcept
      : pool_(connections), timeout_(timeout) {}

  /// Repeats a statement that the server rolled back, that may be executed twice, or that may
  /// succeed on a fresh connection. Throws failure.
  result run(const work& what, repeatable again, deadline until);

 private:
  struct attempts {
    bool lost_one = false;
    bool on_fresh_connection = false;
  };

  result run_on(pool::lease& leased, const work& what, deadline until);

  pool& pool_;
  const std::chrono::milliseconds timeout_;
};

/// Pauses for a random time, so that transactions that conflicted do not conflict again.
void pause_after_conflict();

}  // namespace scs::stores::postgres_detail
