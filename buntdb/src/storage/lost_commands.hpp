#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/file_system.hpp"
#include "log/parse.hpp"

namespace buntdb::engine {

/// A command in bytes that are not kept, as far as it can be read. Nothing vouches for it.
struct lost_command {
  /// Set, erase or clear; sets with an expiry count as set.
  log::command_kind kind = log::command_kind::set;
  std::uint64_t offset = 0;
  std::string key;  ///< only the first bytes, if it is longer than max_key_size
  std::uint64_t key_size = 0;
};

struct lost_commands {
  std::vector<lost_command> found;
  std::uint64_t key_bytes = 0;  ///< of the keys in found
  std::uint64_t more = 0;       ///< the number of further commands that are not listed

  /// Adds the commands that can be read in the file from `begin` to `end`, including commands of
  /// which only the key can be read. Bytes of a damaged value may look like a command and are then
  /// listed, too. All calls together list at most 100,000 commands and 16 MiB of keys. Throws
  /// buntdb::error.
  void read(const io::file& file, std::uint64_t begin, std::uint64_t end);
};

}  // namespace buntdb::engine
