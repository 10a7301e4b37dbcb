#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command_line/arguments.hpp"
#include "live/reply.hpp"
#include "live/reply_parser.hpp"
#include "socket/address.hpp"

/// What a command does. On a file that another process has open, only reading is possible.
enum class use { reading, writing };

/// The process that has the database open, accessed through its control socket. Used by one thread.
class live_server {
 public:
  /// Returns the server of the command's FILE. Null: work on the file. If the file is in use and
  /// `--via` was not given, it prints to standard error which way is used. Throws buntdb::error if
  /// `--via socket` is impossible.
  static std::unique_ptr<live_server> of(const common_options& common, use why);

  /// Sends a request and returns its answer. Throws buntdb::error with the server's code if the
  /// server answers with an error, and if the connection ends.
  reply ask(const std::vector<std::string>& request);

  /// Does the same for a long answer. Calls visit for each page, which is an array, until it
  /// returns false.
  void ask_for_pages(const std::vector<std::string>& request,
                     const std::function<bool(const reply& page)>& visit);

  /// Sends a request that streams, and returns the first answer.
  reply begin(const std::vector<std::string>& request) { return ask(request); }
  /// Returns the next answer, or an empty optional after the timeout. Throws buntdb::error when the
  /// connection ends.
  std::optional<reply> receive(std::chrono::milliseconds timeout);
  int socket() const noexcept { return socket_.get(); }

 private:
  live_server(buntdb::control::descriptor socket, std::string path) noexcept
      : socket_(std::move(socket)), path_(std::move(path)) {}

  void send(std::string_view bytes);
  std::optional<reply> next(int timeout_ms);
  [[noreturn]] void fail(const std::string& what) const;

  buntdb::control::descriptor socket_;
  std::string path_;
  reply_parser parser_;
  std::string received_;
  std::string_view input_;  // the part of received_ that was not parsed yet
};

/// Returns the value of this name from an answer that is a list of names and values. Null if there
/// is none.
const reply& member_of(const reply& list, std::string_view name);
/// Returns the value as a number, or 0 if there is none.
std::uint64_t count_in(const reply& list, std::string_view name);
/// For commands that need a running server. Throws usage_error if there is none.
std::unique_ptr<live_server> required_server(const common_options& common);
