#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "version/item.hpp"

namespace buntdb::engine {

/// Orders items by the bytes of their keys.
struct key_order {
  using entry = item;
  using probe = std::string_view;

  static probe probe_of(const item& item) noexcept { return item.key(); }

  /// Returns the first eight bytes as a big-endian number, whatever the machine's byte order is.
  /// Short keys are padded with zeros. If two prefixes differ, the keys compare in the same way.
  static std::uint64_t prefix_of(probe key) noexcept {
    std::uint64_t bytes = 0;
    if (key.size() >= sizeof bytes) {
      std::memcpy(&bytes, key.data(), sizeof bytes);
    } else if (!key.empty()) {
      std::memcpy(&bytes, key.data(), key.size());
    }
    static_assert(std::endian::native == std::endian::little ||
                  std::endian::native == std::endian::big);
    return std::endian::native == std::endian::little ? __builtin_bswap64(bytes) : bytes;
  }

  static int compare(const item& item, probe key) noexcept { return item.key().compare(key); }
};

}  // namespace buntdb::engine
