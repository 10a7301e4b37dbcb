#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <scs/error.hpp>

namespace scs::stores::postgres_detail {

/// When a call must end.
using deadline = std::chrono::steady_clock::time_point;

/// The failure of a connection or a statement. Its text never contains a statement's parameters:
/// only the primary line of the server's message is used.
class failure : public error {
 public:
  enum class kind {
    /// The server answered with an error. Nothing was changed.
    refused,
    /// No connection could be opened, so no statement was sent.
    unreachable,
    /// The connection was lost. It is unknown whether the statement was executed.
    lost,
    /// There was no answer before the deadline. It is unknown whether the statement was executed.
    late,
  };

  failure(kind reason, std::string sqlstate, const std::string& message,
          errc code = errc::store_failed)
      : error(code, message), reason_(reason), sqlstate_(std::move(sqlstate)) {}

  kind reason() const noexcept { return reason_; }
  /// Five characters. Empty if there was no answer.
  const std::string& sqlstate() const noexcept { return sqlstate_; }
  errc meaning() const noexcept { return static_cast<errc>(code().value()); }

  /// Whether it is unknown if the statement was executed.
  bool leaves_unknown() const noexcept { return reason_ == kind::lost || reason_ == kind::late; }

  /// Whether the statement was sent. Otherwise there was no connection for it.
  bool was_sent() const noexcept { return was_sent_; }
  void mark_sent() noexcept { was_sent_ = true; }

  /// Whether the server rolled the statement back because of another one, so that it should be
  /// repeated.
  bool is_conflict() const noexcept { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  bool is_missing_table() const noexcept { return sqlstate_ == "42P01" || sqlstate_ == "3F000"; }
  bool is_missing_function() const noexcept { return sqlstate_ == "42883"; }
  bool is_read_only() const noexcept { return sqlstate_ == "25006"; }
  /// Whether two sessions of the server created the same object at the same time.
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
