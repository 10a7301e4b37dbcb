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

/// What an ordering is. Immutable. `desc` and `by_key` around another one are merged into it, so
/// that none is nested but the order of strings within JSON.
struct definition {
  enum class subject : std::uint8_t { value, key, key_part };

  definition_kind kind = definition_kind::binary;
  bool descending = false;
  subject looks_at = subject::value;
  std::string separator;  ///< of key_part
  std::size_t part = 0;   ///< of key_part

  std::optional<json::path> path;             ///< of json
  std::shared_ptr<const definition> strings;  ///< of json: its strings; never custom
  std::function<void(std::string_view, std::string&)> sort_key;
  std::function<bool(const entry&, const entry&)> less;  ///< of custom
};

/// The text that an ordering looks at in an entry; empty if its key has no such part.
std::optional<std::string_view> subject_of(const definition& definition, const entry& of);

/// For kind custom: whether a comes before b.
bool custom_less(const definition& definition, const entry& a, const entry& b);

}  // namespace buntdb::order
