#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <buntdb/snapshot.hpp>

#include "command_line/arguments.hpp"
#include "command_line/limit_option.hpp"

/// The items that `keys` and `dump` print.
class range_options {
 public:
  void add_to(CLI::App& command);

  /// Whether these are all items, so that their number is known in advance.
  bool is_everything() const noexcept;

  /// Calls visit for each item, in order. Throws usage_error.
  void for_each(const buntdb::snapshot& view, const common_options& common,
                const std::function<void(const buntdb::entry&)>& visit) const;

 private:
  std::string prefix_;
  std::string from_;
  std::string to_;
  limit_option limit_;
  bool reverse_ = false;
};
