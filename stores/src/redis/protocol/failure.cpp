#include "redis/protocol/failure.hpp"

#include <scs/error.hpp>

namespace scs::stores::redis_detail {

namespace {

constexpr std::size_t max_text_size = 200;

/// Returns a remedy for an error that has a usual cause, or an empty text.
std::string_view advice(std::string_view text) {
  if (text.starts_with("READONLY")) return ": it is a read-only replica; name the master";
  if (text.starts_with("NOAUTH")) return ": it wants a password; set the option password";
  if (text.starts_with("NOPERM")) {
    return ": allow its user @read, @write, @scripting, +wait, +time, +role and "
           "+cluster|slots on the key prefix";
  }
  if (text.starts_with("MOVED")) return ": it is part of a cluster; set mode to cluster";
  if (text.starts_with("LOADING")) return ": it has just started; try again";
  return {};
}

}  // namespace

std::string without_arguments(std::string_view server_error) {
  // "ERR unknown command `EVALSHA`, with args beginning with: ..." quotes the command.
  if (const auto quoted = server_error.find(", with args"); quoted != std::string_view::npos) {
    server_error = server_error.substr(0, quoted);
  }
  std::string text{server_error.substr(0, max_text_size)};
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

void throw_server_error(std::string_view server, std::string_view text) {
  const bool full = text.starts_with("OOM");
  std::string message = "redis ";
  message.append(server).append(full ? " is out of memory: " : " answered ");
  message.append(without_arguments(text)).append(advice(text));
  throw error(full ? errc::store_full : errc::store_failed, message);
}

void throw_unexpected_reply() {
  throw error(errc::store_failed,
              "redis: a server answered what a Redis does not; is something between us?");
}

}  // namespace scs::stores::redis_detail
