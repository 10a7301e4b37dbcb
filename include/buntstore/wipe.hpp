#pragma once

#include <cstddef>
#include <cstring>
#include <string>

namespace buntstore {

/// Fills memory that held a secret with zeros. The compiler must not drop it, even if nobody reads
/// the memory again: to it, the empty assembly may.
inline void wipe(void* memory, std::size_t size) noexcept {
  std::memset(memory, 0, size);
  asm volatile("" : : "r"(memory) : "memory");
}

/// The text's characters, wherever the string keeps them. It is empty afterwards.
inline void wipe(std::string& text) noexcept {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace buntstore
