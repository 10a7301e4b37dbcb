#pragma once

#include <string>
#include <vector>

#include <buntdb/reader.hpp>
#include <buntdb/rect.hpp>

#include "model/index_plan.hpp"
#include "model/state.hpp"

namespace buntdb::model {

/// What an ordered index has, by sorting what of the state belongs into it and is alive.
std::vector<const state::value_type*> in_order(const state& all, const index_plan& plan,
                                               time_point now);

/// What of a spatial index is found in an area, in order of keys.
state in_area(const state& all, const index_plan& plan, const rect& area, time_point now);

/// Throws mismatch unless the view has exactly these indexes, and each has what it must.
void require_indexes(const reader& view, const state& expected, const std::string& who);

/// Whether an item with this key and value would be beside an equal one in a unique index.
bool conflicts(const state& all, const std::string& key, const std::string& value, time_point now);

/// Whether two items are equal that would be in an index of this plan, which is unique.
bool holds_equal(const state& all, const index_plan& plan, time_point now);

inline entry entry_of(const state::value_type& item) {
  return {item.first, item.second.value};
}

}  // namespace buntdb::model
