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

/// All items, those included that have expired and were not removed yet.
using state = std::map<std::string, stored, std::less<>>;

/// A state, and what is only in the file: items that had expired when it was loaded. They are not
/// in the database, but a load at an earlier time (the clock went back) would find them alive;
/// setting their key ends them.
struct kept_state {
  state items;
  state only_in_file = {};
};

/// What follows when a transaction commits these items.
kept_state followed_by(const kept_state& before, state items);

/// What a reopened database makes of it: expiries have whole seconds, and what has expired is gone
/// (but for the file).
kept_state reloaded(const kept_state& before, time_point now);

/// Whether both hold the same, revisions aside.
bool same(const state& a, const state& b);

/// The first thing in which they do not.
std::string difference(const state& found, const state& expected);

/// Throws mismatch unless the view shows exactly what of the state is alive at its moment: by
/// ranges in both directions and key by key.
void require_same(const reader& view, const state& expected, const std::string& who);

/// What a mismatch says of a key or a value.
std::string shown(std::string_view bytes);

}  // namespace buntdb::model
