#pragma once

#include <cstdint>
#include <string>

#include "log/encode.hpp"
#include "version/item.hpp"

namespace buntdb::engine {

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

/// Returns the size of a bulk string in the file, in bytes.
inline std::uint64_t bulk_size(std::uint64_t size) noexcept {
  unsigned digits = 1;
  for (std::uint64_t rest = size; rest >= 10; rest /= 10)
    ++digits;
  return 5 + digits + size;  // $ size CR LF bytes CR LF
}

/// Returns the size of the command that append_item() appends, in bytes, approximately.
inline std::uint64_t command_size(const item& item) noexcept {
  constexpr std::uint64_t set = 4 + 9;          // *3 and the name
  constexpr std::uint64_t expiry = 8 + 5 + 10;  // ae and ten digits
  return set + bulk_size(item.key().size()) + bulk_size(item.value_size) +
         (item.expires == item::no_expiry ? 0 : expiry + 2);
}

/// Appends the command that stores the item. Its expiry is rounded down to whole seconds. An expiry
/// before 1970, which BuntDB cannot read, becomes a del.
inline void append_item(std::string& out, const item& item) {
  if (item.expires == item::no_expiry) {
    log::append_set(out, item.key(), item.value());
  } else if (item.expires < 0) {
    log::append_del(out, item.key());
  } else {
    log::append_set_expiring(out, item.key(), item.value(), item.expires / nanoseconds_per_second);
  }
}

}  // namespace buntdb::engine
