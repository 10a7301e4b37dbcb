#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntdb/entry.hpp>

#include "json/path.hpp"

namespace buntdb::order {

enum class definition_kind : std::uint8_t {
  string,
  binary,
  signed_integer,
  unsigned_integer,
  floating_point,
  json,
  sort_key,
  custom
};

/// The definition of an ordering. Immutable. `desc` and `by_key` are merged into the definition
/// they are applied to, so the only nested one is the order of strings within JSON.
struct definition {
  enum class subject : std::uint8_t { value, key, key_part };

  definition_kind kind = definition_kind::binary;
  bool descending = false;
  subject looks_at = subject::value;
  std::string separator;  ///< if key_part
  std::size_t part = 0;   ///< if key_part

  std::optional<json::path> path;             ///< if json
  std::shared_ptr<const definition> strings;  ///< if json: the order of its strings; never custom
  std::function<void(std::string_view, std::string&)> sort_key;
  std::function<bool(const entry&, const entry&)> less;  ///< if custom
};

/// Returns the text of an entry that an ordering uses; nothing if its key has no such part.
std::optional<std::string_view> subject_of(const definition& definition, const entry& of);

/// For the kind custom: returns whether `a` comes before `b`.
bool custom_less(const definition& definition, const entry& a, const entry& b);

}  // namespace buntdb::order
