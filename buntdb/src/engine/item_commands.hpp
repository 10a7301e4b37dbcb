#pragma once

#include <cstdint>
#include <string>

#include "engine/item.hpp"
#include "log/encode.hpp"

namespace buntdb::engine {

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

/// Appends the command that stores the item. Its expiry is cut to whole seconds; one before 1970,
/// which the original cannot read, becomes a del.
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
