#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "io/file_system.hpp"

namespace buntdb::log {

/// Reads a file through a buffer that moves forward over it. Its memory is bounded by the largest
/// piece that was requested, not by the file. Not thread-safe.
class window {
 public:
  /// The size of the buffer, unless a larger piece is requested.
  static constexpr std::size_t usual_size = std::size_t{2} << 20U;

  /// Reads the file up to `end`, its size when the reading began. The file must outlive the window.
  window(const io::file& file, std::uint64_t end);

  std::uint64_t end() const noexcept { return end_; }
  const std::string& path() const noexcept { return file_.path(); }

  /// Returns the bytes from `offset` on: at least `wanted` of them, unless the file ends before,
  /// and often more. Valid until the next call. Throws buntdb::error if reading fails or if the
  /// file has become shorter.
  std::string_view at(std::uint64_t offset, std::size_t wanted);

 private:
  void fill(std::uint64_t offset, std::size_t wanted);

  const io::file& file_;
  std::uint64_t end_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::uint64_t begin_ = 0;  ///< the offset in the file of buffer_[0]
  std::size_t size_ = 0;
};

}  // namespace buntdb::log
