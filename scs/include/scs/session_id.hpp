#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <version>
#ifdef __cpp_lib_format
#include <format>
#endif

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// Returns a hash for maps in memory whose keys may be chosen by an attacker, such as names of
/// users. The hash depends on a key that each process draws at random, so that nobody can choose
/// texts that collide. Another process returns other hashes.
std::size_t keyed_hash(std::string_view text) noexcept;

/// The name under which a store keeps a session. It is `h:` and the token's SHA-256 in base64url
/// (45 characters), from which the token cannot be computed. Only under id_mode::raw it is the
/// token itself. A value type that allocates nothing.
class session_id {
 public:
  /// The greatest size in bytes.
  static constexpr std::size_t max_size = 63;

  /// Makes an id of any text of at most max_size bytes, such as one that a store reads back from
  /// its engine. Throws scs::error (too_large) for longer texts.
  static session_id from_text(std::string_view text);

  /// The empty id.
  session_id() noexcept = default;

  /// The text. The view is valid as long as this object. A temporary returns a copy instead.
  std::string_view text() const& noexcept { return {bytes_.data(), size_}; }
  std::string text() const&& { return {bytes_.data(), size_}; }
  /// Whether the text is empty.
  bool empty() const noexcept { return size_ == 0; }

  /// Compares the texts.
  friend bool operator==(const session_id& a, const session_id& b) noexcept {
    return a.text() == b.text();
  }
  /// Writes the text. It is not a secret, except under id_mode::raw, where it is the token.
  friend std::ostream& operator<<(std::ostream& out, const session_id& id) {
    return out << id.text();
  }
  /// Compares the texts byte by byte.
  friend std::strong_ordering operator<=>(const session_id& a, const session_id& b) noexcept {
    return a.text() <=> b.text();
  }

 private:
  std::array<char, max_size> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace scs

/// Hashes ids. An id that begins with `h:` is the SHA-256 of a token that the server drew, so
/// nobody can choose it, and a fast hash is enough. Any other id may contain text that somebody
/// chose, such as a user's name. It is hashed by keyed_hash().
template <>
struct std::hash<scs::session_id> {
  std::size_t operator()(const scs::session_id& id) const noexcept {
    const std::string_view text = id.text();
    return text.starts_with("h:") ? std::hash<std::string_view>{}(text) : scs::keyed_hash(text);
  }
};

#ifdef __cpp_lib_format
template <>
struct std::formatter<scs::session_id> : std::formatter<std::string_view> {
  auto format(const scs::session_id& id, auto& context) const {
    return std::formatter<std::string_view>::format(id.text(), context);
  }
};
#endif
