#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scs::stores {

/// Seals texts with AES-256-GCM. HKDF-SHA256 derives a separate key and nonce for each text from
/// the secret and 24 random bytes. With one key for all texts, GCM's 96 random bits of nonce would
/// be safe for 2^32 texts only, which a busy site seals within months. 192 random bits never
/// repeat, and if they did, an attacker would have to find the repetition among 2^80 texts.
///
/// The format (all sizes in bytes):
///
///     version 1 | key id 4 | random 24 | the text, enciphered | tag 16
///
/// The tag covers all of it, and the name to which the text is bound. The key id is derived from
/// the secret as well. Two keys may have the same id by chance, so it only tells which keys to try.
///
/// Immutable: any number of threads may use it at the same time. Every function throws scs::error
/// (crypto_failed) when libcrypto fails.
class sealing_key {
 public:
  static constexpr std::size_t secret_size_min = 32;
  static constexpr std::size_t overhead = 1 + 4 + 24 + 16;

  explicit sealing_key(std::string_view secret);
  sealing_key(const sealing_key&) = default;
  sealing_key& operator=(const sealing_key&) = default;
  ~sealing_key();

  std::string seal(std::string_view text, std::string_view bound_to) const;

  /// Returns an empty optional unless this key has sealed the text, with the same `bound_to`.
  std::optional<std::string> open(std::string_view sealed, std::string_view bound_to) const;

 private:
  std::array<unsigned char, 32> root_{};  // HKDF's pseudorandom key
  std::array<unsigned char, 4> id_{};
};

}  // namespace scs::stores
