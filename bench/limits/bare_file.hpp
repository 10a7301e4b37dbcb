#pragma once

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace bench {

/// A file without a database: the cost of the system calls that a save cannot avoid.
class bare_file {
 public:
  /// The approximate size of a session of 43 and 200 bytes in the log, with its frame.
  static constexpr std::size_t record_size = 290;

  explicit bare_file(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)), record_(record_size, 'x') {
    if (file_ < 0) fail("open");
  }
  bare_file(const bare_file&) = delete;
  bare_file& operator=(const bare_file&) = delete;
  ~bare_file() { ::close(file_); }

  void append() {
    if (::write(file_, record_.data(), record_.size()) != static_cast<ssize_t>(record_.size())) {
      fail("write");
    }
  }

  void sync() {
    if (::fdatasync(file_) != 0) fail("fdatasync");
  }

  void append_and_sync() {
    append();
    sync();
  }

  /// Reads the file from beginning to end. Returns the number of bytes.
  std::size_t read_all() {
    std::vector<char> buffer(std::size_t{1} << 20U);
    std::size_t total = 0;
    for (;;) {
      const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), static_cast<off_t>(total));
      if (got < 0) fail("pread");
      if (got == 0) return total;
      total += static_cast<std::size_t>(got);
    }
  }

 private:
  [[noreturn]] static void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
  }

  int file_;
  std::string record_;
};

}  // namespace bench
