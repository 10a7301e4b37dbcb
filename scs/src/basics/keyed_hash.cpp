#include <random>

#include <openssl/rand.h>

#include <buntstore/internal/siphash.hpp>
#include <scs/session_id.hpp>

namespace scs {

namespace {

buntstore::siphash::secret random_key() noexcept {
  buntstore::siphash::secret key{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), sizeof key) == 1) return key;
  std::random_device device;
  for (std::uint64_t& half : key)
    half = std::uint64_t{device()} << 32U | device();
  return key;
}

}  // namespace

std::size_t keyed_hash(std::string_view text) noexcept {
  static const buntstore::siphash::secret key = random_key();
  return buntstore::siphash::of(key, text);
}

}  // namespace scs
