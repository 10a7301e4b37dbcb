#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace buntdb {

/// A pattern for keys, made ready once: `*` stands for any bytes, `?` for one UTF-8 character (a
/// byte that belongs to none counts as one), `\` takes the next character as it is.
///
/// The answers are those of tidwall/match 1.1.1 for UTF-8, its corners included: a lone `\` at the
/// end stands for itself if a `*` comes before it, and otherwise nothing matches. Where bytes are
/// no UTF-8 they are compared as they are (the original takes all of them for the same character).
///
/// Immutable: threads may share it.
class glob {
 public:
  enum class letter_case {
    significant,
    ignored,  ///< pattern and key are compared in Unicode's simple lower case
  };

  /// Throws std::bad_alloc.
  explicit glob(std::string_view pattern, letter_case how = letter_case::significant);

  /// Takes at most time proportional to the key's size times the pattern's.
  bool matches(std::string_view key) const noexcept;

  /// Bytes that every matching key begins with; empty when case is ignored.
  std::string_view literal_prefix() const noexcept { return prefix_; }
  /// There is no wildcard: literal_prefix() is the only key that matches. Not when case is ignored.
  bool is_literal() const noexcept { return !ignores_case_ && rest_.empty(); }
  bool matches_everything() const noexcept {
    return prefix_.empty() && rest_.size() == 1 && rest_.front() == any_text;
  }

 private:
  // Beside the codes of text::character, in rest_:
  static constexpr std::uint32_t any_character = 0xFFFFFFFD;
  static constexpr std::uint32_t any_text = 0xFFFFFFFE;
  static constexpr std::uint32_t nothing = 0xFFFFFFFF;  ///< no character at all

  bool fits(std::uint32_t wanted, std::uint32_t code) const noexcept;

  bool ignores_case_;
  std::string prefix_;               // escapes resolved, up to the first wildcard
  std::vector<std::uint32_t> rest_;  // what follows the prefix, character by character
};

}  // namespace buntdb
