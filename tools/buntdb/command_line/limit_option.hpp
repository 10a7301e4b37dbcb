#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

/// `--limit N`, or another option with a number.
class limit_option {
 public:
  void add_to(CLI::App& command, const std::string& name = "--limit",
              const std::string& description = "at most so many");

  bool given() const noexcept { return !argument_.empty(); }
  /// Returns the greatest possible number if the option was not given. Throws usage_error.
  std::uint64_t value() const;

 private:
  std::string name_;
  std::string argument_;
};
