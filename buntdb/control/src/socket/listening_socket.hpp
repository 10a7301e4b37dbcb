#pragma once

#include <filesystem>

#include <sys/types.h>

#include "socket/address.hpp"

namespace buntdb::control {

/// A Unix socket that listens under a name, with mode 0600 from the beginning. It gets the name
/// when it already listens. The destructor removes the name if it still refers to this socket.
class listening_socket {
 public:
  /// Throws buntdb::error.
  explicit listening_socket(const std::filesystem::path& path);
  ~listening_socket();
  listening_socket(const listening_socket&) = delete;
  listening_socket& operator=(const listening_socket&) = delete;

  int get() const noexcept { return socket_.get(); }
  /// Accepts the next waiting client. Returns an empty descriptor if there is none, or if the
  /// process has no descriptors left.
  descriptor accept() const noexcept;

 private:
  void bind_and_listen(const std::filesystem::path& path);

  std::filesystem::path path_;
  descriptor socket_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace buntdb::control
