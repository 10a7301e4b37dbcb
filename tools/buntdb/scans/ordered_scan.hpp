#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <buntdb/reader.hpp>

#include "command_line/arguments.hpp"
#include "command_line/index_arguments.hpp"
#include "command_line/limit_option.hpp"
#include "live/live_server.hpp"
#include "output/output.hpp"

enum class scan_direction { ascending, descending };

/// What `ascend` and `descend` scan: the keys, an index, or a temporary index.
class ordered_scan {
 public:
  void add_to(CLI::App& command);

  /// Prints the items. Throws usage_error, buntdb::error.
  void run(const buntdb::reader& items, scan_direction towards, const common_options& common,
           output& out) const;

  /// Whether a running server can do it. A server makes no temporary index.
  bool can_be_live() const noexcept { return !definition_.needs_index(); }
  /// Does the same through a running server.
  void run_live(live_server& server, scan_direction towards, const common_options& common,
                output& out) const;

 private:
  void print(const buntdb::reader& items, std::string_view index, scan_direction towards,
             const common_options& common, output& out) const;

  std::string index_;
  index_arguments definition_;
  /// Arguments are marked (see `armoured()`), so they are not empty even if the bound is.
  struct bound {
    std::string name;
    std::string argument;
  };
  static CLI::Option* add_bound(CLI::App& command, bound& to, const std::string& name,
                                const std::string& what);
  bound at_least_;
  bound greater_than_;
  bound at_most_;
  bound less_than_;
  bound equal_;
  limit_option limit_;
};
