#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/transaction.hpp>

#include "model/random_source.hpp"
#include "model/state.hpp"

namespace buntdb::attacks {

struct change {
  std::string key;
  std::optional<std::string> value;  ///< empty: erased
  std::int64_t expires = model::stored::never;
};

/// A transaction of an attack. It also sets `number_key` to its number, so that a state found later
/// shows which one was the last.
struct batch {
  std::uint64_t number = 0;
  std::vector<change> changes;
};

inline constexpr std::string_view number_key = "the number of the last batch";

struct batch_shape {
  std::uint64_t max_changes = 6;
  std::uint64_t keys = 24;
  std::uint64_t longest_value = 3000;
  /// Whether some items expire, within seconds or minutes from `now`, at whole seconds (which the
  /// file keeps).
  bool expiring = false;
  time_point now{};
};

/// Values are often difficult: they look like commands, or fill a sector to its end.
batch make_batch(model::random_source& random, std::uint64_t number, const batch_shape& shape);

/// Returns a batch that follows from a history's seed and its number alone.
batch make_batch(std::uint64_t history, std::uint64_t number, const batch_shape& shape);

void apply_batch(const batch& what, transaction& tx);
void apply_batch(const batch& what, model::state& to);

/// Returns the number that the view shows; 0 if it shows none. Throws model::mismatch if it is not
/// a number.
std::uint64_t number_in(const reader& view);

/// Keys with this prefix belong to no batch; require_shows() skips them.
inline constexpr std::string_view volatile_prefix = "volatile ";

/// Throws model::mismatch unless the view shows exactly the items of the state that have not
/// expired.
void require_shows(const reader& view, const model::state& expected, const std::string& who);

}  // namespace buntdb::attacks
