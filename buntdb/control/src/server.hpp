#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include <sys/types.h>

#include <buntdb/control.hpp>

#include "client.hpp"
#include "commands/command_table.hpp"
#include "socket/listening_socket.hpp"

namespace buntdb::control {

/// Returns the options with times that a clock can represent. Throws buntdb::error
/// (invalid_argument).
control_options checked(control_options options);

/// Accepts clients, on its own thread.
///
///   1. clients_ belongs to that thread, and to close() after the thread has ended.
///   2. At most max_clients of them are unfinished.
class server {
 public:
  /// Like control_socket's constructor. The options must have been checked().
  server(database& db, const std::filesystem::path& file, control_options options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  void close() noexcept;
  /// Returns whether this process made the server, and not its parent before fork().
  bool is_ours() const noexcept;

 private:
  void run();
  void accept_all();
  void admit(descriptor socket);
  bool make_room();
  void reap();
  void wake() const noexcept;
  void refuse(const descriptor& socket, std::string_view message) const noexcept;

  const pid_t process_;
  const std::filesystem::path path_;
  const std::size_t max_clients_;
  command_table commands_;
  memory_budget budget_;
  const client_environment environment_;
  std::array<descriptor, 2> wake_;  // a pipe: the ends to read from and to write to
  std::unique_ptr<listening_socket> listening_;
  std::list<client> clients_;
  std::atomic<bool> ends_{false};
  std::mutex closing_;
  std::thread thread_;
};

}  // namespace buntdb::control
