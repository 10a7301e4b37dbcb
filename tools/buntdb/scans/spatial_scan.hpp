#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <buntdb/reader.hpp>

#include "command_line/arguments.hpp"
#include "command_line/index_arguments.hpp"
#include "command_line/limit_option.hpp"
#include "output/output.hpp"

enum class spatial_search { nearby, intersects };

/// What `nearby` and `intersects` search: a spatial index, or a temporary one.
class spatial_scan {
 public:
  void add_to(CLI::App& command);

  /// Prints the items. Throws usage_error, buntdb::error.
  void run(const buntdb::reader& items, spatial_search what, const common_options& common,
           output& out) const;

 private:
  void print(const buntdb::reader& items, std::string_view index, spatial_search what,
             const common_options& common, output& out) const;

  std::string rect_;
  std::string index_;
  index_arguments definition_;
  limit_option limit_;
};
