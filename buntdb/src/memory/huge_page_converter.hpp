#pragma once

#include <vector>

namespace buntdb::engine {

class pool;

/// Makes huge pages of the chunks that an open took in small ones to be fast, a few at a time: each
/// is some milliseconds of work, and whoever touches it just then waits. The pool must outlive it.
class huge_page_converter {
 public:
  explicit huge_page_converter(pool& memory) noexcept : memory_(memory) {}

  /// The chunks that are small by now.
  void take_over();

  /// Converts a few chunks; returns how many. Zero: there are none left.
  unsigned step() noexcept;

  /// For a database without a background thread: leaves the conversion to the kernel's own.
  void leave_to_kernel() noexcept;

 private:
  pool& memory_;
  std::vector<void*> small_;
};

}  // namespace buntdb::engine
