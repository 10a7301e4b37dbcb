#pragma once

#include <string_view>

#include <buntdb/database.hpp>

/// A temporary index for one command, made in memory on a copy of the items that match its pattern.
/// The file is not written, even if it is open for reading only, or in use.
class passing_index {
 public:
  static constexpr std::string_view name = "passing";

  /// Throws buntdb::error.
  passing_index(const buntdb::reader& items, const buntdb::index_options& options);
  passing_index(const buntdb::reader& items, const buntdb::spatial_index_options& options);

  /// The reader that has the index.
  const buntdb::reader& view() const noexcept { return view_; }

 private:
  buntdb::database database_;
  buntdb::snapshot view_;
};
