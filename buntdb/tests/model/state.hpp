#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include <buntdb/reader.hpp>

namespace buntdb::model {

/// What the model knows of an item.
struct stored {
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  std::string value;
  std::int64_t expires = never;  ///< nanoseconds since 1970
  std::uint64_t revision = 0;    ///< 0: not known yet

  bool live(time_point now) const noexcept { return expires > now.time_since_epoch().count(); }
};

struct index_plan;

/// An index that is there. made differs whenever one was made anew.
struct placed_index {
  const index_plan* plan = nullptr;
  std::uint64_t made = 0;
};

/// All items, those included that have expired and were not removed yet; and the indexes.
struct state : std::map<std::string, stored, std::less<>> {
  std::map<std::string, placed_index, std::less<>> indexes;
};

/// What a reopened database makes of it: expiries have whole seconds. What has expired is there
/// until the sweep, as before. Of the indexes only those are there that were to be kept.
state reloaded(state before);

/// Whether both hold the same, revisions aside.
bool same(const state& a, const state& b);

/// The first thing in which they do not.
std::string difference(const state& found, const state& expected);

/// Throws mismatch unless the view shows exactly what of the state is alive at its moment: by
/// ranges in both directions, key by key, and in every index.
void require_same(const reader& view, const state& expected, const std::string& who);

/// What a mismatch says of a key or a value.
std::string shown(std::string_view bytes);

}  // namespace buntdb::model
