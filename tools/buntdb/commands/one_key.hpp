#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include <buntdb/clock.hpp>

#include "command_line/arguments.hpp"
#include "live/live_server.hpp"
#include "output/exit_status.hpp"
#include "output/output.hpp"

/// The options and actions of commands that print something about one key: get and ttl.
struct one_key {
  common_options common;
  std::string key_argument;

  void add_to(CLI::App& command, const std::string& what_base64_means,
              const std::string& what_json_prints);

  /// The item of the key.
  struct found {
    std::string_view key;
    std::string_view value;
    std::chrono::nanoseconds ttl;  ///< buntdb::forever if it does not expire
    buntdb::time_point expires_at;
  };
  using printer = std::function<void(const found& item)>;
  /// Calls print with the item of the key. Reports it if there is none.
  exit_status look_up(output& out, const printer& print) const;

 private:
  exit_status look_up_live(live_server& server, const std::string& key, output& out,
                           const printer& print) const;
  exit_status say_absent(const std::string& key, output& out) const;
};
