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
  /// `h:` and the SHA-256 of the token: what the store knows opens no session.
  hashed,
  /// The token itself, as Go's SCS v0 and v1 do it: only for sharing a store with them. Whoever
  /// reads the store can take over every session in it.
  raw,
};

/// What the browser holds: 32 random bytes in base64url without padding. A secret: it is in no
/// error text and no event. A value type that allocates nothing, and whose memory is wiped at its
/// end; what text() copied is the caller's.
class token {
 public:
  static constexpr std::size_t size = 43;

  /// A new one from the system's generator; no two processes, forked ones included, get the same.
  /// Throws scs::error (crypto_failed).
  static token generate();

  /// Empty unless the text has exactly a token's length and alphabet.
  static std::optional<token> parse(std::string_view text) noexcept;

  /// Valid as long as this object; of a temporary, a copy.
  std::string_view text() const& noexcept { return {bytes_.data(), size}; }
  std::string text() const&& { return {bytes_.data(), size}; }

  /// The id under which the store keeps the session. Throws scs::error (crypto_failed).
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
