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

/// One connection to the server. It never blocks beyond a deadline (except to resolve a host's
/// name). One thread at a time may use it. After a failure other than `refused` it can only be
/// destroyed.
class connection {
 public:
  using clock = std::chrono::steady_clock;

  /// Opens a connection to a host of the plan, which must outlive it. Call check() next. Throws
  /// failure.
  connection(const connection_plan& plan, std::size_t host, startup_options options,
             statement_mode mode, deadline until);

  /// The database's time, and the moment at which it was read.
  struct moment {
    time_point theirs;
    clock::time_point ours;
  };
  /// Asks the server for its time, and whether it is a primary. Throws failure (unreachable) for a
  /// standby, in which revoked sessions may still be live.
  moment check(deadline until);
  /// Whether check() should be called before the connection is used: it was silent for a while, or
  /// the last check was a while ago. A pooler may have switched to another server meanwhile.
  bool needs_check(clock::time_point now) const noexcept;
  /// When it was last used.
  clock::time_point last_use() const noexcept { return last_use_; }

  /// Whether the server is still there, as far as this side knows. It costs one call of poll().
  bool is_alive() noexcept;

  /// Whether the server refused to prepare a statement. PgBouncer (since 1.21) then considers the
  /// statement's name used as long as the connection lasts, so this connection must be closed.
  bool has_refused_name() const noexcept { return has_refused_name_; }

  /// Throws failure.
  result execute(const statement& what, std::span<const parameter> parameters, deadline until);

  /// Executes several statements without parameters in one transaction. Throws failure.
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

  /// Set by libpq when the server reports that a statement was committed without its standby's
  /// confirmation.
  bool is_unconfirmed_ = false;
  std::unique_ptr<PGconn, finish> handle_;
  const statement_mode mode_;
  /// The time limit for each statement in milliseconds. Empty if the server knows it for the whole
  /// connection.
  std::string local_timeout_;
  clock::time_point last_use_{};
  clock::time_point last_check_{};
  std::bitset<statement_count> prepared_;
  bool has_refused_name_ = false;
};

}  // namespace scs::stores::postgres_detail
