#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace buntdb {

/// A compiled pattern for keys: `*` stands for any bytes, `?` for one UTF-8 character (a byte that
/// belongs to none counts as one), and `\` makes the next character literal.
///
/// For UTF-8, the results are those of tidwall/match 1.1.1, including its special cases: a lone `\`
/// at the end stands for itself if a `*` comes before it; otherwise nothing matches. Bytes that are
/// not UTF-8 are compared as they are (tidwall/match considers all of them equal).
///
/// Immutable; threads may share it.
class glob {
 public:
  enum class letter_case {
    significant,
    ignored,  ///< compares pattern and key in Unicode's simple lower case
  };

  /// The greatest number of characters between two stars, or after the last one, if a `?` is among
  /// them: each of them may be compared with each character of a key.
  static constexpr std::size_t max_part_with_any = 256;

  /// Throws std::bad_alloc, and errc::invalid_argument beyond max_part_with_any.
  explicit glob(std::string_view pattern, letter_case how = letter_case::significant);

  /// Takes time proportional to the sizes of the key and the pattern, times max_part_with_any if a
  /// `?` follows a star.
  bool matches(std::string_view key) const noexcept;

  /// Returns the bytes with which every matching key begins; empty if case is ignored.
  std::string_view literal_prefix() const noexcept { return prefix_; }
  /// Returns whether there is no wildcard, so that literal_prefix() is the only key that matches.
  /// Always false if case is ignored.
  bool is_literal() const noexcept { return !ignores_case_ && rest_.empty(); }
  bool matches_everything() const noexcept {
    return prefix_.empty() && rest_.size() == 1 && rest_.front() == any_text;
  }

 private:
  // Codes in rest_, in addition to those of text::character:
  static constexpr std::uint32_t any_character = 0xFFFFFFFD;
  static constexpr std::uint32_t any_text = 0xFFFFFFFE;
  static constexpr std::uint32_t nothing = 0xFFFFFFFF;  ///< matches no character at all

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
  std::string prefix_;               // up to the first wildcard, with escapes resolved
  std::vector<std::uint32_t> rest_;  // what follows the prefix, character by character
  // For each character of rest_ after the first star: the length of the longest proper prefix of
  // its part with which the characters up to it end (Knuth, Morris, Pratt). For a part with a `?`,
  // the first one is has_any.
  std::vector<std::uint32_t> links_;
};

}  // namespace buntdb
