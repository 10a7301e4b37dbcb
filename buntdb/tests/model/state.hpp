#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include <buntdb/reader.hpp>

namespace buntdb::model {

/// What the model knows about an item.
struct stored {
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  std::string value;
  std::int64_t expires = never;  ///< nanoseconds since 1970
  std::uint64_t revision = 0;    ///< 0: not known yet

  bool live(time_point now) const noexcept { return expires > now.time_since_epoch().count(); }
};

struct index_plan;

/// An existing index. `made` differs for each index that is made.
struct placed_index {
  const index_plan* plan = nullptr;
  std::uint64_t made = 0;
};

/// All items, including those that have expired but have not been removed yet; and the indexes.
struct state : std::map<std::string, stored, std::less<>> {
  std::map<std::string, placed_index, std::less<>> indexes;
};

/// Returns the state after a reopen: expiries have whole seconds. Expired items are present until
/// the sweep, as before. Only persistent indexes are present.
state reloaded(state before);

/// Returns whether both contain the same, apart from revisions.
bool same(const state& a, const state& b);

/// Describes the first difference.
std::string difference(const state& found, const state& expected);

/// Throws mismatch unless the view shows exactly the items of the state that have not expired at
/// its moment: by ranges in both directions, key by key, and in every index.
void require_same(const reader& view, const state& expected, const std::string& who);

/// Returns a key or a value as it is shown in a mismatch.
std::string shown(std::string_view bytes);

}  // namespace buntdb::model
