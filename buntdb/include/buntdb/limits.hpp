#pragma once

#include <cstddef>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// The longest key that can be set, in bytes. A longer one is refused with errc::too_large. A file
/// that BuntDB wrote may have longer ones, up to max_value_size, which are read, kept and erased
/// like others.
inline constexpr std::size_t max_key_size = 65'535;

/// The longest value, in bytes: 512 MiB, as in Redis, whose file format this is.
inline constexpr std::size_t max_value_size = std::size_t{512} << 20U;

}  // namespace buntdb
