#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <scs/scs.hpp>

namespace bench::stores {

/// A manager with its sessions, and the Cookie headers of their browsers. Several threads may use
/// it concurrently, each with its own browsers.
class site {
 public:
  /// Makes this many sessions with payloads of 202 bytes.
  site(std::string name, std::unique_ptr<scs::session_manager> manager, std::size_t sessions);

  /// A request that loads the browser's session and reads it.
  void read(std::size_t browser);
  /// A request that also changes it.
  void write(std::size_t browser);

  const std::string& name() const noexcept { return name_; }
  /// Returns the size of the Cookie header of one request, in bytes.
  std::size_t cookie_size() const { return cookies_.front().size(); }

 private:
  void commit(scs::session& session, std::size_t browser);

  std::string name_;
  std::unique_ptr<scs::session_manager> manager_;
  std::vector<std::string> cookies_;
};

}  // namespace bench::stores
