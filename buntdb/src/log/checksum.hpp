#pragma once

#include <cstdint>
#include <string_view>

namespace buntdb::log {

/// Returns the 64-bit XXH3 of a batch's commands or of a marker's own bytes.
std::uint64_t checksum(std::string_view bytes) noexcept;

/// Computes the same checksum over several pieces.
class streaming_checksum {
 public:
  streaming_checksum();
  ~streaming_checksum();
  streaming_checksum(const streaming_checksum&) = delete;
  streaming_checksum& operator=(const streaming_checksum&) = delete;

  void add(std::string_view piece) noexcept;
  std::uint64_t result() const noexcept;

 private:
  void* state_;  // keeps xxhash.h out of headers
};

}  // namespace buntdb::log
