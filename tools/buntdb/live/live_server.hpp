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

/// What a command does: on a file that another process has open, only one that reads can work.
enum class use { reading, writing };

/// The process that has the database open, reached through its control socket. One thread.
class live_server {
 public:
  /// The server of the command's FILE. Empty: work on the file. Unless `--via` says so, standard
  /// error says which way it is, where the file is in use. Throws buntdb::error if `--via socket`
  /// cannot be followed.
  static std::unique_ptr<live_server> of(const common_options& common, use why);

  /// Sends a request and returns its answer. Throws buntdb::error for an error that the server
  /// answers with, with the code that it has there, and for a connection that ends.
  reply ask(const std::vector<std::string>& request);

  /// The same for a long answer: calls visit for each page, an array, until it returns false.
  void ask_for_pages(const std::vector<std::string>& request,
                     const std::function<bool(const reply& page)>& visit);

  /// For a request that streams: sends it, and returns its first answer.
  reply begin(const std::vector<std::string>& request) { return ask(request); }
  /// The next one; empty after the timeout. Throws buntdb::error when the connection ends.
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
  std::string_view input_;  // of received_, what was not parsed
};

/// The member of an answer that is a list of names and values; null if it has none of this name.
const reply& member_of(const reply& list, std::string_view name);
/// The same as a number; 0 if there is none.
std::uint64_t count_in(const reply& list, std::string_view name);
/// For commands that only a live server understands: throws usage_error.
std::unique_ptr<live_server> required_server(const common_options& common);
