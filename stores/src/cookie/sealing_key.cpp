#include "cookie/sealing_key.hpp"

#include <algorithm>
#include <memory>
#include <span>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <scs/error.hpp>

namespace scs::stores {

namespace {

using byte_span = std::span<unsigned char>;

constexpr unsigned char version = 1;
constexpr std::size_t id_size = 4;
constexpr std::size_t random_size = 24;
constexpr std::size_t header_size = 1 + id_size + random_size;
constexpr std::size_t tag_size = 16;
static_assert(header_size + tag_size == sealing_key::overhead);

constexpr std::string_view root_label = "buntstore cookie v1";
constexpr std::string_view id_label = "key id";
constexpr std::string_view cookie_label = "cookie ";

[[noreturn]] void fail(const char* what) {
  throw error(errc::crypto_failed, std::string{"libcrypto cannot "}.append(what));
}

void require(bool done, const char* what) {
  if (!done) fail(what);
}

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

struct kdf_free {
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};
struct cipher_free {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

// The algorithms are fetched once and never freed, so that threads that outlive the program's
// static objects can still use them. Each thread has its own contexts.

EVP_KDF_CTX* new_kdf_context() noexcept {
  static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  return algorithm == nullptr ? nullptr : EVP_KDF_CTX_new(algorithm);
}

const EVP_CIPHER* aes_256_gcm() noexcept {
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return algorithm;
}

/// Does one half of HKDF-SHA256: `text` is the salt of an extraction, or the info of an expansion.
void derive(int mode, std::string_view key, const char* text_name, std::string_view text,
            byte_span out) {
  thread_local const std::unique_ptr<EVP_KDF_CTX, kdf_free> context{new_kdf_context()};
  std::string digest = "SHA256";
  const auto octets = [](const char* name, std::string_view value) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
  };
  const std::array<OSSL_PARAM, 5> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), octets(OSSL_KDF_PARAM_KEY, key),
      octets(text_name, text), OSSL_PARAM_construct_end()};
  const bool done = context != nullptr &&
                    EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1;
  if (context) EVP_KDF_CTX_reset(context.get());  // forgets the key, and the info of this call
  require(done, "derive a key (HKDF)");
}

void expand(std::span<const unsigned char> root, std::string_view info, byte_span out) {
  derive(EVP_KDF_HKDF_MODE_EXPAND_ONLY, {reinterpret_cast<const char*>(root.data()), root.size()},
         OSSL_KDF_PARAM_INFO, info, out);
}

/// The key and nonce for one text. The destructor wipes them.
struct text_key {
  text_key(std::span<const unsigned char> root, std::string_view random) {
    expand(root, std::string{cookie_label}.append(random), bytes);
  }
  ~text_key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  text_key(const text_key&) = delete;
  text_key& operator=(const text_key&) = delete;

  static constexpr std::size_t key_size = 32;
  static constexpr std::size_t nonce_size = 12;
  const unsigned char* key() const noexcept { return bytes.data(); }
  const unsigned char* nonce() const noexcept { return bytes.data() + key_size; }

  std::array<unsigned char, key_size + nonce_size> bytes{};
};

EVP_CIPHER_CTX* cipher_context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, cipher_free> context{EVP_CIPHER_CTX_new()};
  require(context != nullptr && aes_256_gcm() != nullptr, "provide AES-256-GCM");
  return context.get();
}

int int_size(std::string_view text) {
  constexpr std::size_t max_size = std::size_t{1} << 30;
  if (text.size() > max_size) throw error(errc::too_large, "more than a gigabyte cannot be sealed");
  return static_cast<int>(text.size());
}

}  // namespace

sealing_key::sealing_key(std::string_view secret) {
  derive(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, secret, OSSL_KDF_PARAM_SALT, root_label, root_);
  expand(root_, id_label, id_);
}

sealing_key::~sealing_key() {
  OPENSSL_cleanse(root_.data(), root_.size());
}

std::string sealing_key::seal(std::string_view text, std::string_view bound_to) const {
  std::string sealed(header_size + text.size() + tag_size, '\0');
  unsigned char* const out = bytes_of(sealed);
  out[0] = version;
  std::copy(id_.begin(), id_.end(), out + 1);
  require(RAND_bytes(out + 1 + id_size, random_size) == 1, "give random bytes");

  const std::string_view header = std::string_view{sealed}.substr(0, header_size);
  const text_key key{root_, header.substr(1 + id_size)};
  EVP_CIPHER_CTX* const cipher = cipher_context();
  unsigned char* const body = out + header_size;
  int size = 0;
  require(
      EVP_EncryptInit_ex2(cipher, aes_256_gcm(), key.key(), key.nonce(), nullptr) == 1 &&
          EVP_EncryptUpdate(cipher, nullptr, &size, out, header_size) == 1 &&
          EVP_EncryptUpdate(cipher, nullptr, &size, bytes_of(bound_to), int_size(bound_to)) == 1 &&
          EVP_EncryptUpdate(cipher, body, &size, bytes_of(text), int_size(text)) == 1 &&
          EVP_EncryptFinal_ex(cipher, body + text.size(), &size) == 1 &&
          EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, tag_size, body + text.size()) == 1,
      "encipher (AES-256-GCM)");
  return sealed;
}

std::optional<std::string> sealing_key::open(std::string_view sealed,
                                             std::string_view bound_to) const {
  if (sealed.size() < overhead) return std::nullopt;
  const unsigned char* const in = bytes_of(sealed);
  if (in[0] != version || !std::equal(id_.begin(), id_.end(), in + 1)) return std::nullopt;

  const std::string_view body = sealed.substr(header_size, sealed.size() - overhead);
  std::array<unsigned char, tag_size> tag{};
  std::copy_n(in + sealed.size() - tag_size, tag_size, tag.begin());
  const text_key key{root_, sealed.substr(1 + id_size, random_size)};
  EVP_CIPHER_CTX* const cipher = cipher_context();
  std::string text(body.size(), '\0');
  int size = 0;
  require(
      EVP_DecryptInit_ex2(cipher, aes_256_gcm(), key.key(), key.nonce(), nullptr) == 1 &&
          EVP_DecryptUpdate(cipher, nullptr, &size, in, header_size) == 1 &&
          EVP_DecryptUpdate(cipher, nullptr, &size, bytes_of(bound_to), int_size(bound_to)) == 1 &&
          EVP_DecryptUpdate(cipher, bytes_of(text), &size, bytes_of(body), int_size(body)) == 1 &&
          EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1,
      "decipher (AES-256-GCM)");
  // The text is used only if the tag is valid.
  if (EVP_DecryptFinal_ex(cipher, bytes_of(text) + text.size(), &size) != 1) return std::nullopt;
  return text;
}

}  // namespace scs::stores
