#pragma once

#include <exception>
#include <stdexcept>
#include <string>

/// The tool's exit status. docs/tool.md and --help contain the same list.
enum class exit_status {
  ok = 0,
  /// no such key or index; check: an open would cut a torn end off; repair: it was needed
  finding = 1,
  usage = 2,    ///< the command line is wrong, or asks for what cannot be stored
  locked = 3,   ///< another process has the database open
  damaged = 4,  ///< the file is damaged, or not a database: it would not be opened
  failed = 5,   ///< everything else: no such file, no permission, a full disk …
};

/// What the user typed cannot be done. The text is for people.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A signal asked a command to stop, and it has stopped.
class interrupted : public std::runtime_error {
 public:
  interrupted(int signal, const std::string& message)
      : std::runtime_error(message), signal_(signal) {}

  /// The status with which a shell reports a program that a signal ended.
  int status() const noexcept { return 128 + signal_; }

 private:
  int signal_;
};

exit_status status_of(const std::exception& failure) noexcept;
