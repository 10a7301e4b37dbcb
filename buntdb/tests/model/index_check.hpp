#pragma once

#include <string>
#include <vector>

#include <buntdb/reader.hpp>
#include <buntdb/rect.hpp>

#include "model/index_plan.hpp"
#include "model/state.hpp"

namespace buntdb::model {

/// Returns the expected content of an ordered index, by sorting the items of the state that belong
/// to it and have not expired.
std::vector<const state::value_type*> in_order(const state& all, const index_plan& plan,
                                               time_point now);

/// Returns what a spatial index should find in an area, in key order.
state in_area(const state& all, const index_plan& plan, const rect& area, time_point now);

/// Throws mismatch unless the view has exactly these indexes, and each has the expected content.
void require_indexes(const reader& view, const state& expected, const std::string& who);

/// Returns whether a unique index would contain an item equal to one with this key and value.
bool conflicts(const state& all, const std::string& key, const std::string& value, time_point now);

/// Returns whether two items that would be in an index of this plan, which is unique, are equal.
bool holds_equal(const state& all, const index_plan& plan, time_point now);

inline entry entry_of(const state::value_type& item) {
  return {item.first, item.second.value};
}

}  // namespace buntdb::model
