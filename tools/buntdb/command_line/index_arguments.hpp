#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <buntdb/index.hpp>

/// `--by`, `--pattern`, `--ignore-case` and `--sparse`: the items of an index and their order.
class index_arguments {
 public:
  void add_to(CLI::App& command);
  /// Adds those that also apply to a spatial index: `--pattern` and `--ignore-case`.
  void add_pattern_to(CLI::App& command);

  /// Whether an index is needed, because the keys in their order, filtered by the pattern, are not
  /// enough.
  bool needs_index() const noexcept { return !orderings_.empty() || ignore_case_ || sparse_; }
  bool given() const noexcept { return needs_index() || !pattern_.empty(); }
  /// `*` if none was given.
  std::string pattern() const;

  /// Returns the options of an index that is stored in the file, or not. Throws usage_error, which
  /// names the wrong ordering.
  buntdb::index_options ordered(bool persistent) const;
  /// Throws usage_error if an option was given that spatial indexes do not have.
  buntdb::spatial_index_options spatial(bool persistent) const;

  /// Forbids them together with this option, such as `--index`.
  void exclude(CLI::Option& option) const;

 private:
  std::vector<std::string> orderings_;
  std::string pattern_;
  bool ignore_case_ = false;
  bool sparse_ = false;
  std::vector<CLI::Option*> options_;
};
