#pragma once

#include <bitset>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <libpq-fe.h>

#include <scs/clock.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres/connection_plan.hpp"
#include "postgres/failure.hpp"
#include "postgres/statements.hpp"
#include "postgres/values.hpp"

namespace scs::stores::postgres_detail {

/// One connection to the server, which never blocks beyond a deadline (but for resolving a host's
/// name). Used by one thread at a time. After a failure other than `refused` it can only be
/// destroyed.
class connection {
 public:
  using clock = std::chrono::steady_clock;

  /// Opens one to a host of the plan, which must outlive it. Throws failure. check() comes next.
  connection(const connection_plan& plan, std::size_t host, startup_options options,
             statement_mode mode, deadline until);

  /// The database's time, and when it was that.
  struct moment {
    time_point theirs;
    clock::time_point ours;
  };
  /// Asks the server whether it is a primary, and for the time. Throws failure (unreachable) for a
  /// standby: what was revoked may live there.
  moment check(deadline until);
  /// Whether that should be done before it is used: it has been silent for a while, or the last
  /// look is a while ago. A pooler may have gone to another server meanwhile.
  bool needs_check(clock::time_point now) const noexcept;
  /// When it was used last.
  clock::time_point last_use() const noexcept { return last_use_; }

  /// Whether the server is still there, as far as this side knows. Costs one poll().
  bool is_alive() noexcept;

  /// Whether the server refused to prepare a statement. PgBouncer (since 1.21) then considers the
  /// statement's name taken as long as the connection lasts, so this one is to be closed.
  bool has_refused_name() const noexcept { return has_refused_name_; }

  /// Throws failure.
  result execute(const statement& what, std::span<const parameter> parameters, deadline until);

  /// Several statements without parameters, as one transaction. Throws failure.
  void execute_script(const std::string& sql, deadline until);

 private:
  struct finish {
    void operator()(PGconn* opened) const noexcept { PQfinish(opened); }
  };

  int send(const statement& what, std::span<const parameter> parameters);
  void begin_limited_statement();
  void prepare(const statement& what, std::span<const parameter> parameters, deadline until);
  result wait_for_result(deadline until);
  std::optional<result> wait_for_last(std::optional<failure>& failed, deadline until);
  void flush(deadline until);
  PGresult* next_result(deadline until);
  [[noreturn]] void throw_lost() const;

  static void note(void* self, const PGresult* notice);

  /// Set by libpq when the server says so: a statement was committed without its standby's word.
  bool is_unconfirmed_ = false;
  std::unique_ptr<PGconn, finish> handle_;
  const statement_mode mode_;
  /// Milliseconds, for each statement by itself; empty: the server knows it for all of them.
  std::string local_timeout_;
  clock::time_point last_use_{};
  clock::time_point last_check_{};
  std::bitset<statement_count> prepared_;
  bool has_refused_name_ = false;
};

}  // namespace scs::stores::postgres_detail
