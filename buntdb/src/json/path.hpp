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
  wildcard,     ///< members whose key a pattern covers
  count,        ///< `#` at the end: how many elements there are
  each,         ///< `#`: the rest of the steps on every element, as a list
  first_match,  ///< `#(…)`: the first element that a query finds
  all_matches   ///< `#(…)#`: the rest of the steps on each element that it finds, as a list
};

/// One step from a value into its parts.
struct step {
  step_kind kind = step_kind::name;
  std::string key;                      ///< of name; otherwise the step's text, for objects
  std::optional<glob> pattern;          ///< of wildcard
  std::optional<std::size_t> position;  ///< of name, if it is a number
  std::shared_ptr<const json::query> query;
};

/// Steps to be taken one after the other. After a `|` the next stage begins, on what the one
/// before it gave as a whole.
struct stage {
  std::vector<step> steps;  ///< none: the value itself
};

/// A path in GJSON's syntax, as gjson 1.14 understands it, ready to be asked for many times.
///
///     name.last        a.b\.c         members; `\` takes the next character as it is
///     children.1       c?ild*.1       elements; `*` any characters, `?` one of them, in keys
///     children.#       friends.#.age  how many; of each of them
///     friends.#(last=="Murphy").first friends.#(age>45)#.first        the first, all that match
///     a|b              @this          on the whole result; the value itself
///     ..#              ..1.name       the text is a list with one value a line
///
/// A query is a path of its own, an operator (== = != < <= > >= % !%, with % for a pattern) and a
/// value, in quotes or not; `~true` and `~false` compare truth. No operator: whether it is there.
///
/// Not supported, and refused: modifiers other than @this, multipaths (`[…]`, `{…}`), literals
/// (`!…`). Immutable; any number of threads may use one.
class path {
 public:
  /// Throws errc::invalid_argument, naming the position in the text, if the path is malformed, not
  /// supported, longer than 4096 bytes, of more than 128 steps, or with queries nested more than 8
  /// deep.
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

/// What a path selects in a JSON text, which must outlive the answer. Takes time in proportion to
/// the text's length times the path's, and memory only for lists that it makes. In a text that is
/// no JSON it finds something or nothing, always the same.
value get(std::string_view text, const path& path);

}  // namespace buntdb::json
