#pragma once

#include <cstddef>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// The greatest size of a key that can be set, in bytes. A longer key is refused with
/// errc::too_large. A file that BuntDB wrote may contain longer keys, up to max_value_size. They
/// are read, kept and erased like others.
inline constexpr std::size_t max_key_size = 65'535;

/// The greatest size of a value, in bytes: 512 MiB, as in Redis, whose file format is used here.
inline constexpr std::size_t max_value_size = std::size_t{512} << 20U;

}  // namespace buntdb
