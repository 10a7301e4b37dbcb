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
/// says which one was the last.
struct batch {
  std::uint64_t number = 0;
  std::vector<change> changes;
};

inline constexpr std::string_view number_key = "the number of the last batch";

struct batch_shape {
  std::uint64_t max_changes = 6;
  std::uint64_t keys = 24;
  std::uint64_t longest_value = 3000;
  /// Whether some items expire, within seconds or minutes from `now`, at whole seconds (which is
  /// what the file keeps).
  bool expiring = false;
  time_point now{};
};

/// Values are often tricky: they look like commands, or fill a sector to its end.
batch make_batch(model::random_source& random, std::uint64_t number, const batch_shape& shape);

/// A batch that follows from a history's seed and its number alone.
batch make_batch(std::uint64_t history, std::uint64_t number, const batch_shape& shape);

void apply_batch(const batch& what, transaction& tx);
void apply_batch(const batch& what, model::state& to);

/// The number that the view shows; 0 if it shows none. Throws model::mismatch if it is no number.
std::uint64_t number_in(const reader& view);

/// Keys that begin so belong to no batch; require_shows() passes over them.
inline constexpr std::string_view volatile_prefix = "volatile ";

/// Throws model::mismatch unless the view shows exactly what is alive in the state.
void require_shows(const reader& view, const model::state& expected, const std::string& who);

}  // namespace buntdb::attacks
