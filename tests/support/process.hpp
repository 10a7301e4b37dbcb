#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

/// A child process with its standard output and error in files. Used by one thread.
class process {
 public:
  /// Starts arguments[0] in this folder. It is looked up in PATH unless it contains a slash. Throws
  /// std::system_error.
  process(const std::vector<std::string>& arguments, const std::filesystem::path& folder);
  /// Kills the process if it is still running.
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  pid_t id() const noexcept { return id_; }
  void send_signal(int signal) const;

  /// Returns its exit status, or minus the signal that ended it. After the limit it is killed, and
  /// the result is still_running.
  static constexpr int still_running = -1000;
  int wait(std::chrono::milliseconds limit = std::chrono::seconds(20));
  bool running();

  /// Returns what it has written so far.
  std::string output() const;
  std::string errors() const;

 private:
  bool reap(int timeout_ms);

  pid_t id_ = -1;
  int handle_ = -1;
  bool ended_ = false;
  int status_ = 0;
  std::filesystem::path output_;
  std::filesystem::path errors_;
};

/// A folder that is removed with all its contents.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};
