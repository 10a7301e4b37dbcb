#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <buntdb/reader.hpp>

#include "command_line/arguments.hpp"
#include "command_line/limit_option.hpp"
#include "live/live_server.hpp"
#include "output/exit_status.hpp"
#include "sessions/stored_sessions.hpp"

/// The options of `sessions`, whichever its action.
struct session_options {
  common_options common;
  std::string action_argument;
  std::vector<std::string> id_arguments;
  std::string user_argument;
  std::string prefix_argument;
  limit_option limit;
  bool all = false;
  bool values = false;
  bool again = false;     ///< export, import: even if it was done before
  bool hash_ids = false;  ///< export, import: make hashes of ids that are tokens
  bool user_given = false;
  bool prefix_given = false;

  /// Returns a function that sets user_given and prefix_given. Call it after parsing, while the
  /// command exists.
  std::function<void()> add_to(CLI::App& command);

  std::string action() const { return plain(action_argument); }
  std::string user() const { return plain(user_argument); }
  std::optional<std::string> prefix() const;
  std::vector<std::string> ids() const;

  /// Throws usage_error for options that this action does not have, and for invalid IDs.
  void check() const;

  using visitor = std::function<bool(stored_session&)>;

  /// Visits the sessions of the given prefix and user, if any, in the file or through the server.
  void for_each(values_wanted wanted, const visitor& visit) const;
  /// Does the same in a file that is open.
  void for_each(const buntdb::reader& items, values_wanted wanted, const visitor& visit) const;
  /// Does the same through a running server. It visits only those sessions that the IDs may name.
  void for_each(live_server& server, values_wanted wanted, const visitor& visit) const;

  /// Returns the sessions that the IDs name among those that a function visits. Throws usage_error
  /// if an ID names several. If an ID names none, it reports that and sets the status.
  std::vector<stored_session> named(const std::function<void(const visitor&)>& visit_all,
                                    exit_status& status) const;
};
