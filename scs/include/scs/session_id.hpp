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

/// A hash for maps in memory whose keys somebody else chooses, such as the names of users: under a
/// key that is drawn at random for each process, so that nobody can choose keys that meet. Another
/// one in the next process.
std::size_t keyed_hash(std::string_view text) noexcept;

/// The name under which a store keeps a session: never the token that the browser holds, but `h:`
/// and the token's SHA-256 in base64url (45 characters), from which no token can be computed. Only
/// under id_mode::raw is it the token itself. A value type that allocates nothing.
class session_id {
 public:
  static constexpr std::size_t max_size = 63;

  /// Any text of at most max_size bytes, as a store reads it back from its engine. Throws
  /// scs::error (too_large) beyond that.
  static session_id from_text(std::string_view text);

  session_id() noexcept = default;

  /// Valid as long as this object; of a temporary, a copy.
  std::string_view text() const& noexcept { return {bytes_.data(), size_}; }
  std::string text() const&& { return {bytes_.data(), size_}; }
  bool empty() const noexcept { return size_ == 0; }

  /// Compares the texts.
  friend bool operator==(const session_id& a, const session_id& b) noexcept {
    return a.text() == b.text();
  }
  /// The text, which is no secret but under id_mode::raw, where it is the token.
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

/// Nobody chooses the ids of sessions, which are SHA-256s of the tokens that the server drew. All
/// others may hold what somebody chose, such as a user's name, and are hashed under a key.
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
