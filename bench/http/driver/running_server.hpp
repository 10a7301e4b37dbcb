#pragma once

#include <string>
#include <vector>

#include "harness/child_process.hpp"
#include "harness/temporary_folder.hpp"
#include "http/driver/programs.hpp"

namespace bench::http {

/// A program in a new temporary folder, which listens. The destructor stops it and removes the
/// folder.
class running_server {
 public:
  /// Returns when it listens. Throws if it does not within ten seconds, or if something else
  /// listens for half a minute on the only port that it can use.
  explicit running_server(const program& program);

  int port() const noexcept { return port_; }
  /// Returns the processor time used so far by its threads and by the system for it, in
  /// nanoseconds.
  double cpu_ns() const;
  double resident_bytes() const;

  /// Makes this many sessions, each with the message that /get shows, and returns their cookies. A
  /// program without sessions gets cookies that look the same. Throws if /get then does not answer
  /// as it should.
  std::vector<std::string> make_sessions(std::size_t count);

 private:
  const program& program_;
  temporary_folder folder_;
  int port_;
  child_process process_;
};

}  // namespace bench::http
