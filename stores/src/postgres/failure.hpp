#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <scs/error.hpp>

namespace scs::stores::postgres_detail {

/// Until when a call may take.
using deadline = std::chrono::steady_clock::time_point;

/// What went wrong with a connection or statement. Its text never has parameters of a statement in
/// it: of the server's message only the primary line is used.
class failure : public error {
 public:
  enum class kind {
    /// The server answered with an error: nothing was changed.
    refused,
    /// No connection could be opened: nothing was asked.
    unreachable,
    /// The connection is gone. Whether a statement was carried out is unknown.
    lost,
    /// No answer before the deadline. Whether a statement was carried out is unknown.
    late,
  };

  failure(kind reason, std::string sqlstate, const std::string& message,
          errc code = errc::store_failed)
      : error(code, message), reason_(reason), sqlstate_(std::move(sqlstate)) {}

  kind reason() const noexcept { return reason_; }
  /// Five characters; empty if there was no answer.
  const std::string& sqlstate() const noexcept { return sqlstate_; }
  errc meaning() const noexcept { return static_cast<errc>(code().value()); }

  /// Whether nobody knows what became of the statement.
  bool leaves_unknown() const noexcept { return reason_ == kind::lost || reason_ == kind::late; }

  /// Whether the statement was under way; otherwise there was no connection for it.
  bool was_sent() const noexcept { return was_sent_; }
  void mark_sent() noexcept { was_sent_ = true; }

  /// Whether the server took the statement back because of another one: it should be repeated.
  bool is_conflict() const noexcept { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  bool is_missing_table() const noexcept { return sqlstate_ == "42P01" || sqlstate_ == "3F000"; }
  bool is_missing_function() const noexcept { return sqlstate_ == "42883"; }
  bool is_read_only() const noexcept { return sqlstate_ == "25006"; }
  /// Two sessions of the server created the same thing at once.
  bool is_already_there() const noexcept {
    return sqlstate_ == "23505" || sqlstate_ == "42P07" || sqlstate_ == "42710" ||
           sqlstate_ == "42P06";
  }

 private:
  kind reason_;
  std::string sqlstate_;
  bool was_sent_ = false;
};

}  // namespace scs::stores::postgres_detail
