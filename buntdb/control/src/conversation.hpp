#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <buntdb/control_command.hpp>

#include "commands/command_table.hpp"

namespace buntdb::control {

/// A control_reply that also knows the state of the client.
class client_reply : public control_reply {
 public:
  /// Returns how many bytes were ever written.
  virtual std::size_t written() const noexcept = 0;
  virtual bool is_abandoned() noexcept = 0;
};

/// The requests and answers of one client, without its socket: runs commands and keeps the rest of
/// a long answer. Used by one thread.
class conversation {
 public:
  /// `commands` must outlive it.
  explicit conversation(const command_table& commands) noexcept : commands_(commands) {}
  ~conversation();
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  enum class then { next_request, close };
  /// Answers the request, which must not be empty. Exceptions from writing to `to` are passed on.
  then answer(const std::vector<std::string>& request, client_reply& to);

 private:
  class call;

  void next_page(const std::vector<std::string>& request, client_reply& to);
  void write_page(client_reply& to);

  const command_table& commands_;
  std::unique_ptr<control_pages> pages_;
  std::uint64_t cursor_ = 0;
  std::chrono::steady_clock::time_point pages_since_;
};

}  // namespace buntdb::control
