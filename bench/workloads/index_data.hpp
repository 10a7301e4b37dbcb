#pragma once

#include <cstdint>
#include <string>

#include "harness/session_data.hpp"

namespace bench {

/// The data with which indexes are measured, the same as in bench/peers/data.go.

/// One step of splitmix64.
inline std::uint64_t mixed(std::uint64_t i) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// The side of the square that contains the points.
inline constexpr std::uint64_t world = 1'000'000;
inline constexpr std::uint64_t queries = std::uint64_t{1} << 40U;

inline std::string document(const session_data& data, std::size_t i) {
  return "{\"age\":" + std::to_string(mixed(i) % world) + ",\"name\":\"" +
         std::string(data.payload(i).substr(0, 150)) + "\"}";
}

inline std::string point_text(std::uint64_t i) {
  const std::uint64_t h = mixed(i);
  return "[" + std::to_string(h % world) + " " + std::to_string((h >> 32U) % world) + "]";
}

inline std::string area_text(std::uint64_t query, std::uint64_t side) {
  const std::uint64_t h = mixed(query + queries);
  const std::uint64_t x = h % world;
  const std::uint64_t y = (h >> 32U) % world;
  return "[" + std::to_string(x) + " " + std::to_string(y) + "],[" + std::to_string(x + side) +
         " " + std::to_string(y + side) + "]";
}

}  // namespace bench
