#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace buntstore::fuzz {

/// Returns the text before the first NUL and the text after it.
inline std::pair<std::string, std::string> two_texts(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t nul = all.find('\0');
  if (nul == std::string_view::npos) return {std::string(all), {}};
  return {std::string(all.substr(0, nul)), std::string(all.substr(nul + 1))};
}

}  // namespace buntstore::fuzz
