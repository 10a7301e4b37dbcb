#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/bounds.hpp>
#include <buntdb/entry.hpp>
#include <buntdb/index.hpp>
#include <buntdb/rect.hpp>

namespace buntdb::model {

/// A kind of index: its options, and what they mean, implemented again in the simplest way. No two
/// have the same pattern, so the pattern identifies the plan of an index.
struct index_plan {
  index_options ordered = {};
  spatial_index_options area = {};
  bool spatial = false;
  bool bounds_are_values = true;  ///< otherwise it is ordered by keys, which bounds do not have
  std::function<bool(std::string_view key)> matches = {};
  std::function<bool(std::string_view value)> has_place = {};             ///< empty: all have
  std::function<int(const entry& a, const entry& b)> compare = {};        ///< if ordered
  std::function<std::optional<rect>(std::string_view value)> where = {};  ///< if spatial
  /// For an ordered one, if there is something to search for: what its first ordering extracts, and
  /// how that compares.
  std::function<index_part(const entry& of)> first_part = {};
  std::function<int(const entry& a, const entry& b)> compare_first = {};

  const std::string& pattern() const { return spatial ? area.pattern : ordered.pattern; }
  bool kept() const { return spatial ? area.persistent : ordered.persistent; }

  /// Creates the index, in a transaction or outside one.
  template <class Where>
  void create(Where& in, const std::string& name) const {
    spatial ? in.create_spatial_index(name, area) : in.create_index(name, ordered);
  }
  template <class Where>
  void replace(Where& in, const std::string& name) const {
    if (spatial) {
      spatial_index_options options = area;
      options.if_exists = existing_index::replace;
      in.create_spatial_index(name, options);
    } else {
      index_options options = ordered;
      options.if_exists = existing_index::replace;
      in.create_index(name, options);
    }
  }
};

const std::vector<index_plan>& index_plans();
const index_plan& plan_of(const index_info& index);

}  // namespace buntdb::model
