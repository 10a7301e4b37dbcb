#include "log/checksum.hpp"

#include <new>

// All of xxHash is compiled in this file only.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace buntdb::log {

std::uint64_t checksum(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

streaming_checksum::streaming_checksum() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_));
}

streaming_checksum::~streaming_checksum() {
  XXH3_freeState(static_cast<XXH3_state_t*>(state_));
}

void streaming_checksum::add(std::string_view piece) noexcept {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state_), piece.data(), piece.size());
}

std::uint64_t streaming_checksum::result() const noexcept {
  return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_));
}

}  // namespace buntdb::log
