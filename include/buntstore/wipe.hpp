#pragma once

#include <cstddef>
#include <cstring>
#include <string>

namespace buntstore {

/// Fills memory that held a secret with zeros. The compiler cannot remove this, even if the memory
/// is not read again, because the empty assembly might read it.
inline void wipe(void* memory, std::size_t size) noexcept {
  std::memset(memory, 0, size);
  asm volatile("" : : "r"(memory) : "memory");
}

/// Fills the text's characters with zeros, wherever the string stores them, and empties it.
inline void wipe(std::string& text) noexcept {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace buntstore
