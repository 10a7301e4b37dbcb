#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bench {

/// A program that runs concurrently with this one, and ends with it at the latest. Its standard
/// input and output are lines to and from this process. It must be made by the main thread, or by
/// one that lives as long.
class child_process {
 public:
  /// argv[0] is searched in PATH. Runs in `folder`, or in this process's folder. Throws if it
  /// cannot be started.
  explicit child_process(const std::vector<std::string>& argv,
                         const std::filesystem::path& folder = {});
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  /// Ends it if it has not ended yet.
  ~child_process();

  pid_t pid() const noexcept { return pid_; }
  void send(const std::string& line);
  /// Returns a line without its line feed. Throws if the program has ended.
  std::string receive();
  /// Waits until it has ended by itself.
  void wait();
  /// Returns whether it has ended by itself. Does not wait.
  bool has_ended() const;

 private:
  std::string name_;
  pid_t pid_ = -1;
  std::FILE* in_ = nullptr;
  std::FILE* out_ = nullptr;
};

}  // namespace bench
