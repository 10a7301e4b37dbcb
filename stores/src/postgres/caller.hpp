#pragma once

#include <functional>
#include <span>

#include "postgres/pool.hpp"
#include "postgres/statements.hpp"

namespace scs::stores::postgres_detail {

/// Whether a statement may be carried out twice.
enum class repeatable { no, yes };

/// Has statements carried out, and repeats them where that is right. Any number of threads.
class caller {
 public:
  using work = std::function<result(connection&, deadline)>;

  /// The pool must outlive it; `timeout` is that of a call.
  caller(pool& connections, std::chrono::milliseconds timeout) noexcept
      : pool_(connections), timeout_(timeout) {}

  /// Repeats what the server took back, what may be done twice, and what a fresh connection may do
  /// better. Throws failure.
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

/// By chance, so that those who met do not meet again.
void pause_after_conflict();

}  // namespace scs::stores::postgres_detail
