#pragma once

#include <cstdint>

namespace buntdb::text {

/// Returns the code point's simple lower-case mapping in Unicode 14, which Go's unicode.ToLower
/// uses. Everything else, including invalid bytes, is returned unchanged.
std::uint32_t to_lower(std::uint32_t code) noexcept;

}  // namespace buntdb::text
