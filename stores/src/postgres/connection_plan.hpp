#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace scs::stores::postgres_detail {

/// Whether statement_timeout is among the options at the start of a connection. Poolers refuse it
/// there.
enum class startup_options { sent, left_out };

/// How to connect: the user's conninfo, for one host at a time.
class connection_plan {
 public:
  /// `timeout` is that of a call. Throws scs::error (invalid_options).
  connection_plan(std::string conninfo, std::chrono::milliseconds timeout);

  /// At least one.
  std::size_t host_count() const noexcept { return hosts_.empty() ? 1 : hosts_.size(); }
  /// Returns the host's name for errors. Empty if there is only one host.
  std::string host_name(std::size_t host) const;

  /// Returns conninfo's timeout for connecting to one host. Zero: there is none.
  std::chrono::milliseconds connect_timeout() const noexcept { return connect_timeout_; }

  /// Returns how long a statement may run at the server: slightly less than a call may take.
  std::chrono::milliseconds statement_timeout() const noexcept { return timeout_ - timeout_ / 20; }
  /// Whether the user has set a statement timeout.
  bool says_statement_timeout() const noexcept { return says_statement_timeout_; }

  /// Returns keywords and values for PQconnectStartParams with expand_dbname. Valid as long as this
  /// object.
  std::vector<std::pair<const char*, std::string>> parameters(std::size_t host,
                                                              startup_options options) const;

 private:
  struct host_address {
    std::string host;
    std::string hostaddr;
    std::string port;
  };

  const std::string conninfo_;
  const std::chrono::milliseconds timeout_;
  std::chrono::milliseconds connect_timeout_{0};
  std::string options_;  // the user's
  bool says_statement_timeout_ = false;
  bool has_hostaddr_ = false;
  bool has_port_ = false;
  std::vector<host_address> hosts_;  // if there are several
};

}  // namespace scs::stores::postgres_detail
