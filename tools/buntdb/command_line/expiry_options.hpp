#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <buntdb/transaction.hpp>

/// `--ttl TIME` and `--expires-at MOMENT`, of which one may be given.
class expiry_options {
 public:
  void add_to(CLI::App& command);
  /// Adds only `--ttl`.
  CLI::Option* add_ttl_to(CLI::App& command, const std::string& description);

  /// Throws usage_error, also if the moment has passed.
  buntdb::set_options parsed() const;

 private:
  std::string ttl_;
  std::string expires_at_;
};
