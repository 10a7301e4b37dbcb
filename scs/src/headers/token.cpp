#include <algorithm>
#include <memory>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <buntstore/internal/base64.hpp>
#include <scs/error.hpp>
#include <scs/token.hpp>

#include "headers/digest.hpp"

namespace scs {

namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t digest_bytes = 32;

struct context_free {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

/// Fetched once, because EVP_sha256() would be looked up again for each digest. Never freed, so
/// that threads that outlive the program's static objects can still hash.
const EVP_MD* sha256() noexcept {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

/// Allocates once in each thread.
std::array<unsigned char, digest_bytes> sha256(std::string_view text) {
  thread_local const std::unique_ptr<EVP_MD_CTX, context_free> context{EVP_MD_CTX_new()};
  std::array<unsigned char, digest_bytes> digest;
  if (sha256() == nullptr || !context ||
      EVP_DigestInit_ex2(context.get(), sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    throw error(errc::crypto_failed, "libcrypto cannot compute a SHA-256");
  }
  return digest;
}

}  // namespace

token token::generate() {
  std::array<unsigned char, token_bytes> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw error(errc::crypto_failed, "the system's random generator gives nothing");
  }
  token made;
  buntstore::base64::encode(random.data(), random.size(), buntstore::base64::url_alphabet,
                            made.bytes_.begin());
  buntstore::wipe(random.data(), random.size());
  return made;
}

std::optional<token> token::parse(std::string_view text) noexcept {
  namespace base64 = buntstore::base64;
  if (text.size() != size || !base64::all_digits<size>(text.data(), base64::url_digits)) {
    return std::nullopt;
  }
  token parsed;
  std::copy(text.begin(), text.end(), parsed.bytes_.begin());
  return parsed;
}

std::string detail::base64url_sha256(std::string_view text) {
  const auto digest = sha256(text);
  std::string encoded(token::size, '\0');
  buntstore::base64::encode(digest.data(), digest.size(), buntstore::base64::url_alphabet,
                            encoded.begin());
  return encoded;
}

session_id token::id(id_mode mode) const {
  if (mode == id_mode::raw) return session_id::from_text(text());
  const auto digest = sha256(text());
  std::array<char, 2 + size> id{'h', ':'};
  buntstore::base64::encode(digest.data(), digest.size(), buntstore::base64::url_alphabet,
                            id.begin() + 2);
  return session_id::from_text({id.data(), id.size()});
}

}  // namespace scs
