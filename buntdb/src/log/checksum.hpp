#pragma once

#include <cstdint>
#include <string_view>

namespace buntdb::log {

/// XXH3, 64 bits, of a batch's commands or of a marker's own bytes.
std::uint64_t checksum(std::string_view bytes) noexcept;

/// The same checksum over bytes that come in pieces.
class streaming_checksum {
 public:
  streaming_checksum();
  ~streaming_checksum();
  streaming_checksum(const streaming_checksum&) = delete;
  streaming_checksum& operator=(const streaming_checksum&) = delete;

  void add(std::string_view piece) noexcept;
  std::uint64_t result() const noexcept;

 private:
  void* state_;  // xxhash.h stays out of headers
};

}  // namespace buntdb::log
