#pragma once

#include <vector>

namespace buntdb::engine {

class pool;

/// Converts chunks that an open, for speed, mapped with small pages into huge ones, a few at a
/// time. Each takes some milliseconds, and a thread that touches the chunk meanwhile waits. The
/// pool must outlive the converter.
class huge_page_converter {
 public:
  explicit huge_page_converter(pool& memory) noexcept : memory_(memory) {}

  /// Takes the chunks that have small pages at present.
  void take_over();

  /// Converts a few chunks. Returns how many; zero if none are left.
  unsigned step() noexcept;

  /// For a database without a background thread: leaves the conversion to khugepaged.
  void leave_to_kernel() noexcept;

 private:
  pool& memory_;
  std::vector<void*> small_;
};

}  // namespace buntdb::engine
