#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntdb/index.hpp>

#include "order/ordering_list.hpp"
#include "text/glob.hpp"

namespace buntdb::engine {

/// The definition of an index. Immutable.
struct index_definition {
  index_info info;
  glob pattern;
  order::ordering_list order;
  bool remembers_rects = false;  ///< a spatial index with a user-supplied function

  /// Throws errc::invalid_argument.
  index_definition(std::string_view name, const index_options& options);
  index_definition(std::string_view name, const spatial_index_options& options);

  bool spatial() const noexcept { return info.spatial; }

  /// Returns the text with which all keys that match the pattern begin. It is empty if the pattern
  /// ignores case, because the beginning then has many forms.
  std::string_view key_beginning() const noexcept {
    return info.ignore_case ? std::string_view() : pattern.literal_prefix();
  }

  /// Returns the number of root pointers for an index of this kind. A spatial index has one tree
  /// for each number of dimensions, and one for the rectangles that it remembers.
  unsigned root_count() const noexcept;
};

using shared_definition = std::shared_ptr<const index_definition>;

/// Return the key of the `del` that records a definition in the file, and of the `del` that records
/// that the index was dropped. To programs that do not know indexes, they erase a key that does not
/// exist.
std::string kept_definition(const index_info& info);
std::string kept_drop(std::string_view name);

/// The content of a reserved key.
struct kept_record {
  std::string name;              ///< empty: malformed
  shared_definition definition;  ///< null: dropped, or there is a problem
  std::string problem;           ///< why this version of the library does not understand it
};
/// Returns nothing if the key is not such a record.
std::optional<kept_record> read_kept(std::string_view reserved_key);

/// Throws errc::index_exists.
[[noreturn]] void throw_index_exists(const std::string& name);

}  // namespace buntdb::engine
