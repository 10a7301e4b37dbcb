#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "contenders/contender.hpp"

namespace bench {

/// How contenders without times to live store them: eight bytes of expiry before the value.

inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

inline void encode_expiring(std::string& out, const save_request& request, std::int64_t now) {
  const std::int64_t expires = now + request.ttl.count();
  out.resize(sizeof expires);
  std::memcpy(out.data(), &expires, sizeof expires);
  out.append(request.value);
}

inline bool is_live(std::string_view stored, std::int64_t now) {
  std::int64_t expires = 0;
  std::memcpy(&expires, stored.data(), sizeof expires);
  return expires > now;
}

inline std::string_view value_in(std::string_view stored) {
  return stored.substr(sizeof(std::int64_t));
}

inline std::uint64_t first_byte(std::string_view value) {
  return static_cast<unsigned char>(value.front());
}

}  // namespace bench
