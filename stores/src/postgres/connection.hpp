#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <libpq-fe.h>

#include <scs/stores/postgres.hpp>

#include "postgres/failure.hpp"
#include "postgres/statements.hpp"
#include "postgres/values.hpp"

namespace scs::stores::postgres_detail {

/// One connection to the server, which never blocks beyond a deadline (but for resolving a host's
/// name). Used by one thread at a time. After a failure other than `refused` it can only be
/// destroyed.
class connection {
 public:
  /// Opens one. Throws failure, also for a standby: what was revoked may live there. Servers before
  /// PostgreSQL 14 do not say that they are one.
  connection(const std::string& conninfo, statement_mode mode, deadline until);

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

  void prepare(const statement& what, std::span<const parameter> parameters, deadline until);
  result wait_for_result(deadline until);
  std::optional<result> wait_for_last(std::optional<failure>& failed, deadline until);
  void flush(deadline until);
  PGresult* next_result(deadline until);
  [[noreturn]] void throw_lost() const;

  std::unique_ptr<PGconn, finish> handle_;
  const statement_mode mode_;
  std::bitset<statement_count> prepared_;
  bool has_refused_name_ = false;
};

}  // namespace scs::stores::postgres_detail
