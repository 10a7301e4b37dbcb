#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"
#include "text/glob.hpp"

namespace buntdb::json {

struct query;

enum class step_kind {
  name,         ///< a member by its key; an element by its position
  wildcard,     ///< members whose key matches a pattern
  count,        ///< `#` at the end: the number of elements
  each,         ///< `#`: the remaining steps applied to every element, as a list
  first_match,  ///< `#(…)`: the first element that matches a query
  all_matches   ///< `#(…)#`: the remaining steps applied to each element that matches, as a list
};

/// One step from a value to its parts.
struct step {
  step_kind kind = step_kind::name;
  std::string key;                      ///< if name; otherwise the step's text, for objects
  std::optional<glob> pattern;          ///< if wildcard
  std::optional<std::size_t> position;  ///< if name, when it is a number
  std::shared_ptr<const json::query> query;
};

/// Steps that are taken one after the other. A `|` begins the next stage, which applies to the
/// whole result of the previous one.
struct stage {
  std::vector<step> steps;  ///< none: the value itself
};

/// A path in GJSON's syntax, as gjson 1.14 understands it, compiled for repeated use.
///
///     name.last        a.b\.c         members; `\` makes the next character literal
///     children.1       c?ild*.1       elements; in keys, `*` any characters, `?` one of them
///     children.#       friends.#.age  the number of elements; a member of each
///     friends.#(last=="Murphy").first friends.#(age>45)#.first        the first, all that match
///     a|b              @this          on the whole result; the value itself
///     ..#              ..1.name       the text is a list with one value per line
///
/// A query consists of a path, an operator (== = != < <= > >= % !%, with % for a pattern) and a
/// value, with or without quotes. `~true` and `~false` compare truth. Without an operator, the
/// query tests whether the path selects something.
///
/// Not supported, and refused: modifiers other than @this, multipaths (`[…]`, `{…}`), literals
/// (`!…`). Immutable; any number of threads may use one.
class path {
 public:
  /// Throws errc::invalid_argument, with the position in the text, if the path is malformed, uses
  /// an unsupported feature, is longer than 4096 bytes, has more than 128 steps, or nests queries
  /// more than 8 deep.
  explicit path(std::string_view text);

  const std::string& text() const noexcept { return text_; }
  const std::vector<stage>& stages() const noexcept { return stages_; }
  bool reads_lines() const noexcept { return reads_lines_; }

 private:
  friend class path_reader;
  path() = default;

  std::string text_;
  std::vector<stage> stages_;
  bool reads_lines_ = false;
};

/// Returns what a path selects in a JSON text, which must outlive the result. The time is
/// proportional to the text's length times the path's; memory is needed only for lists that are
/// built. In a text that is not JSON, it finds something or nothing, but always the same.
value get(std::string_view text, const path& path);

}  // namespace buntdb::json
