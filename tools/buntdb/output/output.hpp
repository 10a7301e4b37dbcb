#pragma once

#include <csignal>
#include <string>
#include <string_view>

/// The reader of our output has gone away: nobody to tell, nothing more to do.
class broken_pipe {};

/// Standard output, buffered. What was written is either out when finish() has returned, or an
/// exception said why not: std::system_error, or broken_pipe. One thread.
class output {
 public:
  output();

  /// Whether a person is looking.
  bool terminal() const noexcept { return terminal_; }

  void write(std::string_view bytes);
  void line(std::string_view bytes);
  /// Writes out what is buffered.
  void flush();
  /// Forgets what is buffered.
  void discard() noexcept { buffer_.clear(); }
  /// From now on, writing out throws interrupted when this becomes the number of a signal.
  void stop_when(const volatile std::sig_atomic_t& signal) noexcept { signal_ = &signal; }

  /// Writes out what is buffered; then closes, since some file systems tell of a full disk only
  /// then.
  void finish();

 private:
  std::string buffer_;
  const volatile std::sig_atomic_t* signal_ = nullptr;
  bool terminal_;
};

/// "buntdb: MESSAGE" on standard error, as one line.
void complain(std::string_view message) noexcept;

/// Makes sure that 0, 1 and 2 are taken, before any file is opened: in a process started without
/// one of them, the database would get its number and the tool's output with it.
void take_standard_descriptors() noexcept;
