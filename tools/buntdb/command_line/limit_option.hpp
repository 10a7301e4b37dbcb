#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

/// `--limit N`, or another option that says how many.
class limit_option {
 public:
  void add_to(CLI::App& command, const std::string& name = "--limit",
              const std::string& description = "at most so many");

  bool given() const noexcept { return !argument_.empty(); }
  /// The greatest number there is, if none was given. Throws usage_error.
  std::uint64_t value() const;

 private:
  std::string name_;
  std::string argument_;
};
