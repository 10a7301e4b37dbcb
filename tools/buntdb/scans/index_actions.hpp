#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include <buntdb/error.hpp>
#include <buntdb/reader.hpp>

#include "command_line/arguments.hpp"
#include "command_line/index_arguments.hpp"
#include "output/output.hpp"

/// The actions of `index`: `list`, `create NAME …` and `drop NAME`.
class index_actions {
 public:
  void add_to(CLI::App& command);

  /// Throws usage_error if the action is none of these three, or is not consistent.
  bool lists() const;

  /// Prints the indexes, one a line, with the options that create them.
  static void list(const buntdb::reader& items, bool as_json, output& out);

  /// Creates or drops an index in a database or a transaction, and in its file. Throws usage_error,
  /// buntdb::error.
  template <class Target>
  void change(Target& target) const {
    const std::string name = this->name();
    if (drops()) {
      if (!target.drop_index(name)) throw not_found(name);
    } else if (spatial_) {
      target.create_spatial_index(name, definition_.spatial(true));
    } else {
      buntdb::index_options options = definition_.ordered(true);
      options.unique = unique_;
      options.keep_sort_keys = !compute_sort_keys_;
      target.create_index(name, options);
    }
  }

 private:
  bool drops() const;
  std::string name() const;
  static buntdb::error not_found(const std::string& name);

  std::string action_;
  std::string name_;
  bool spatial_ = false;
  bool unique_ = false;
  bool compute_sort_keys_ = false;
  index_arguments definition_;
};
