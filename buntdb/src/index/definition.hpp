#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntdb/index.hpp>

#include "order/ordering_list.hpp"
#include "text/glob.hpp"

namespace buntdb::engine {

/// What an index is. Immutable.
struct index_definition {
  index_info info;
  glob pattern;
  order::ordering_list order;
  bool remembers_rects = false;  ///< a spatial one with a user-supplied function

  /// Throws errc::invalid_argument.
  index_definition(std::string_view name, const index_options& options);
  index_definition(std::string_view name, const spatial_index_options& options);

  bool spatial() const noexcept { return info.spatial; }

  /// What all keys begin with that the pattern matches. (Without regard to case, a beginning can
  /// look like many others.)
  std::string_view key_beginning() const noexcept {
    return info.ignore_case ? std::string_view() : pattern.literal_prefix();
  }

  /// Roots of trees that an index of this kind has: a spatial one has a tree for each number of
  /// dimensions, and one of the rectangles it remembers.
  unsigned root_count() const noexcept;
};

using shared_definition = std::shared_ptr<const index_definition>;

/// The key of the `del` that keeps a definition in the file, and of the one that says that the
/// index was dropped. Programs that know nothing of indexes erase a key that does not exist.
std::string kept_definition(const index_info& info);
std::string kept_drop(std::string_view name);

/// What a reserved key says.
struct kept_record {
  std::string name;              ///< empty: malformed
  shared_definition definition;  ///< null: dropped, or there is a problem
  std::string problem;           ///< why this version of the library does not understand it
};
/// Empty if the key is something else.
std::optional<kept_record> read_kept(std::string_view reserved_key);

/// Throws errc::index_exists.
[[noreturn]] void throw_index_exists(const std::string& name);

}  // namespace buntdb::engine
