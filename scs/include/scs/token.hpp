#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <buntstore/wipe.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// How a token becomes the id under which the store keeps its session.
enum class id_mode {
  /// The id is `h:` and the SHA-256 of the token. Nobody can open a session with what the store
  /// knows.
  hashed,
  /// The id is the token itself, as in Go's SCS v0 and v1. Use it only to share a store with them.
  /// Anybody who can read the store can take over every session in it.
  raw,
};

/// The secret that the browser holds: 32 random bytes in base64url without padding. No error text
/// and no event contains it. A value type that allocates nothing. Its memory is wiped at its end.
/// Copies that text() returned are the caller's responsibility.
class token {
 public:
  /// The size of the text in bytes.
  static constexpr std::size_t size = 43;

  /// Returns a new token from the system's random generator. No two processes get the same token,
  /// not even forked ones. Throws scs::error (crypto_failed).
  static token generate();

  /// Returns an empty optional unless the text has exactly a token's length and alphabet.
  static std::optional<token> parse(std::string_view text) noexcept;

  /// The text. The view is valid as long as this object. A temporary returns a copy instead.
  std::string_view text() const& noexcept { return {bytes_.data(), size}; }
  std::string text() const&& { return {bytes_.data(), size}; }

  /// Returns the id under which the store keeps the session. Throws scs::error (crypto_failed).
  session_id id(id_mode mode = id_mode::hashed) const;

  token(const token&) noexcept = default;
  token& operator=(const token&) noexcept = default;
  ~token() { buntstore::wipe(bytes_.data(), bytes_.size()); }

  friend bool operator==(const token&, const token&) noexcept = default;

 private:
  token() noexcept = default;

  std::array<char, size> bytes_{};
};

}  // namespace scs
