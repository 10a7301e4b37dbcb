#pragma once

#include <cstdint>

namespace buntdb::text {

/// The code point's simple lower-case mapping of Unicode 14, which is what Go's unicode.ToLower
/// uses; all else, invalid bytes included, stays what it is.
std::uint32_t to_lower(std::uint32_t code) noexcept;

}  // namespace buntdb::text
