#include "output/output.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "output/exit_status.hpp"
#include "text/printable.hpp"

namespace {

constexpr std::size_t buffer_size = std::size_t{64} << 10U;

[[noreturn]] void fail() {
  if (errno == EPIPE) throw broken_pipe();
  throw std::system_error(errno, std::generic_category(), "cannot write the output");
}

}  // namespace

output::output() : terminal_(::isatty(STDOUT_FILENO) == 1) {}

void output::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= buffer_size) flush();
}

void output::line(std::string_view bytes) {
  write(bytes);
  write("\n");
}

void output::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    if (signal_ != nullptr && *signal_ != 0) throw interrupted(*signal_, "interrupted");
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void output::finish() {
  flush();
  // Linux has closed it even if the error is EINTR.
  if (::close(STDOUT_FILENO) != 0 && errno != EINTR) fail();
}

void complain(std::string_view message) noexcept {
  try {
    const std::string line = "buntdb: " + printable_message(message) + "\n";
    std::string_view left = line;
    while (!left.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, left.data(), left.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      left.remove_prefix(static_cast<std::size_t>(written));
    }
  } catch (const std::bad_alloc&) {
    constexpr std::string_view line = "buntdb: out of memory\n";
    static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()) > 0);
  }
}

void take_standard_descriptors() noexcept {
  // Opened for reading only, so that writing to it fails and is reported instead of being lost.
  int number = 0;
  do {
    number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  } while (number >= 0 && number <= STDERR_FILENO);
  if (number >= 0) ::close(number);
}
