#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "io/file_system.hpp"
#include "log/recovery.hpp"
#include "memory/chunk_supply.hpp"
#include "memory/pool.hpp"
#include "storage/loader.hpp"

namespace buntdb::engine {

/// Loads a file that another process has locked, so that little is left to read when this process
/// gets the lock. Used by one thread.
class preload {
 public:
  /// Passes the content of the file to the loader. Both arguments must outlive this object.
  preload(pool& memory, loader& sink) noexcept : memory_(memory), sink_(sink) {}

  /// Reads what has been appended so far. Because the file is not locked, damage is not judged.
  void read_some(const io::file& file);

  /// Reads the rest of the file, which is now locked. Returns what log::inspect() with the loader
  /// as its sink returns. The loader then has everything, including what was read before.
  log::inspection read_rest(const io::file& file, const io::file_status& status);

 private:
  using clock = std::chrono::steady_clock;

  void begin_anew();

  pool& memory_;
  loader& sink_;
  std::unique_ptr<chunk_supply> supply_;
  std::optional<log::growing_inspection> progress_;
  clock::time_point next_look_{};
};

}  // namespace buntdb::engine
