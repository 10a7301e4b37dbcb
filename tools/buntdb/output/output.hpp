#pragma once

#include <csignal>
#include <string>
#include <string_view>

/// The reader of the output has closed it, so there is nothing more to do.
class broken_pipe {};

/// Standard output, buffered. When finish() has returned, everything was written. Otherwise an
/// exception says why not: std::system_error, or broken_pipe. Used by one thread.
class output {
 public:
  output();

  /// Whether the output is a terminal.
  bool terminal() const noexcept { return terminal_; }

  void write(std::string_view bytes);
  void line(std::string_view bytes);
  /// Writes what is buffered.
  void flush();
  /// Discards what is buffered.
  void discard() noexcept { buffer_.clear(); }
  /// From now on, writing throws interrupted when this becomes the number of a signal.
  void stop_when(const volatile std::sig_atomic_t& signal) noexcept { signal_ = &signal; }

  /// Writes what is buffered, and then closes the output, because some file systems report a full
  /// disk only then.
  void finish();

 private:
  std::string buffer_;
  const volatile std::sig_atomic_t* signal_ = nullptr;
  bool terminal_;
};

/// Prints "buntdb: MESSAGE" to standard error, as one line.
void complain(std::string_view message) noexcept;

/// Makes sure that the descriptors 0, 1 and 2 are open before any file is opened. In a process that
/// was started without one of them, the database would get its number, and the tool's output would
/// go into the database.
void take_standard_descriptors() noexcept;
