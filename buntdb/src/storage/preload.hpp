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

/// Loads a file that another process has locked, so that little is left to be read when this
/// process gets the lock. Used by one thread.
class preload {
 public:
  /// Tells the loader what the file has. Both must outlive this.
  preload(pool& memory, loader& sink) noexcept : memory_(memory), sink_(sink) {}

  /// Takes what the file has by now. The file is not locked: nothing is judged.
  void read_some(const io::file& file);

  /// For the locked file: reads the rest. What log::inspect() with the loader as its sink returns;
  /// the loader has what was read before, too.
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
