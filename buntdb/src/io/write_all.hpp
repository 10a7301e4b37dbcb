#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <buntdb/error.hpp>

#include "io/file_system.hpp"

namespace buntdb::io {

/// Writes all of the bytes at `offset`, continuing after short writes. Throws buntdb::error; part
/// of the bytes may be in the file then.
inline void write_all(file& file, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t taken = file.write_at(offset, {bytes.data(), bytes.size()});
    if (taken == 0) {
      throw error(std::make_error_code(std::errc::no_space_on_device),
                  file.path() + ": a write at offset " + std::to_string(offset) + " took no bytes");
    }
    offset += taken;
    bytes.remove_prefix(taken);
  }
}

}  // namespace buntdb::io
