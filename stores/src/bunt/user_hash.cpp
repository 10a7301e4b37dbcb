#include "bunt/user_hash.hpp"

#include <random>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace scs::stores {

std::uint64_t user_hash(std::string_view user) {
  static const std::uint64_t seed = [] {
    std::random_device random;
    return std::uint64_t{random()} << 32U | random();
  }();
  return XXH3_64bits_withSeed(user.data(), user.size(), seed);
}

}  // namespace scs::stores
