#pragma once

#include <string>
#include <vector>

#include "harness/child_process.hpp"
#include "harness/temporary_folder.hpp"
#include "http/driver/programs.hpp"

namespace bench::http {

/// A program in a new temporary folder, which listens. It is stopped, and the folder removed, at
/// the end of this object's lifetime.
class running_server {
 public:
  /// Returns when it listens. Throws if it does not within ten seconds, or when something else
  /// listens for half a minute on the only port that it can use.
  explicit running_server(const program& program);

  int port() const noexcept { return port_; }
  /// Processor time that it has taken so far, of its threads and of the system for it.
  double cpu_ns() const;
  double resident_bytes() const;

  /// Makes that many sessions, each with the message that /get shows, and returns their cookies. A
  /// program without sessions gets cookies that look alike. Throws if /get then does not answer as
  /// it should.
  std::vector<std::string> make_sessions(std::size_t count);

 private:
  const program& program_;
  temporary_folder folder_;
  int port_;
  child_process process_;
};

}  // namespace bench::http
