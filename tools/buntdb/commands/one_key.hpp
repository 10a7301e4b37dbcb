#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <buntdb/reader.hpp>
#include <buntdb/snapshot.hpp>

#include "command_line/arguments.hpp"
#include "output/exit_status.hpp"
#include "output/output.hpp"

/// What commands that print something about one key take and do: get and ttl.
struct one_key {
  common_options common;
  std::string key_argument;

  void add_to(CLI::App& command, const std::string& what_base64_means,
              const std::string& what_json_prints);

  using printer = std::function<void(const buntdb::snapshot& view, const std::string& key,
                                     const buntdb::found_item& found)>;
  /// Calls print with what the file has under the key; if it has nothing, says so.
  exit_status look_up(output& out, const printer& print) const;
};
