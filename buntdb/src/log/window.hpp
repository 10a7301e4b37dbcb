#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "io/file_system.hpp"

namespace buntdb::log {

/// A file seen through a buffer that moves forward over it. Its memory is bounded by the largest
/// piece asked for, never by the file. Not thread-safe.
class window {
 public:
  /// What the buffer holds unless something larger is asked for.
  static constexpr std::size_t usual_size = std::size_t{2} << 20U;

  /// The file is read up to `end`, its size when the reading began. It must outlive the window.
  window(const io::file& file, std::uint64_t end);

  std::uint64_t end() const noexcept { return end_; }
  const std::string& path() const noexcept { return file_.path(); }

  /// The bytes from offset on: at least so many as wanted, unless the file ends before; often more.
  /// Valid until the next call. Throws buntdb::error if reading fails, or if the file has become
  /// shorter than it was.
  std::string_view at(std::uint64_t offset, std::size_t wanted);

 private:
  void fill(std::uint64_t offset, std::size_t wanted);

  const io::file& file_;
  std::uint64_t end_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::uint64_t begin_ = 0;  ///< offset in the file of buffer_[0]
  std::size_t size_ = 0;
};

}  // namespace buntdb::log
