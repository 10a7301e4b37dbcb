#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

/// `--limit N`.
class limit_option {
 public:
  void add_to(CLI::App& command);

  bool given() const noexcept { return !argument_.empty(); }
  /// The greatest number there is, if none was given. Throws usage_error.
  std::uint64_t value() const;

 private:
  std::string argument_;
};
