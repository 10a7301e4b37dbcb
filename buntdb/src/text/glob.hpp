#pragma once

#include <cstddef>
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

  /// How many characters may stand between two stars, or after the last one, if a `?` is among
  /// them: each of them may be compared with each character of a key.
  static constexpr std::size_t max_part_with_any = 256;

  /// Throws std::bad_alloc; errc::invalid_argument beyond max_part_with_any.
  explicit glob(std::string_view pattern, letter_case how = letter_case::significant);

  /// Takes time proportional to the key's size and the pattern's; times max_part_with_any where a
  /// `?` follows a star.
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

  static constexpr std::uint32_t has_any = 0xFFFFFFFF;  ///< in links_

  void link_parts();
  void link_part(std::size_t begin, std::size_t end);
  std::size_t end_of_part(std::size_t begin) const noexcept;
  std::uint32_t code_of(std::uint32_t code) const noexcept;
  bool fits(std::uint32_t wanted, std::uint32_t code) const noexcept;
  bool take_front(std::size_t end, std::string_view& key) const noexcept;
  bool find_part(std::size_t begin, std::size_t end, std::string_view& key) const noexcept;
  bool try_part_everywhere(std::size_t begin, std::size_t end,
                           std::string_view& key) const noexcept;

  bool ignores_case_;
  std::string prefix_;               // escapes resolved, up to the first wildcard
  std::vector<std::uint32_t> rest_;  // what follows the prefix, character by character
  // For each character of rest_ after the first star: how many of its part's first characters the
  // ones up to it end with, all of them left aside (Knuth, Morris, Pratt). Of a part with a `?`,
  // the first is has_any.
  std::vector<std::uint32_t> links_;
};

}  // namespace buntdb
