#include "redis/protocol/script.hpp"

#include <array>
#include <new>

#include <openssl/evp.h>

#include <buntstore/internal/hex.hpp>

namespace scs::stores::redis_detail {

namespace {

std::string sha1_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  std::string hex;
  for (unsigned int i = 0; i < size; ++i)
    buntstore::text::append_hex(hex, digest[i]);
  return hex;
}

}  // namespace

script::script(std::string_view text) : text_(text), sha1_(sha1_of(text)) {}

}  // namespace scs::stores::redis_detail
