#include "redis/connection/address.hpp"

#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <scs/error.hpp>

namespace scs::stores::redis_detail {

namespace {

[[noreturn]] void refuse(std::string_view text) {
  std::string message = "redis: servers: \"";
  message.append(text).append("\" is none of host:port, [IPv6]:port and /path/of/a/socket");
  throw error(errc::invalid_options, message);
}

std::uint16_t parse_port(std::string_view digits, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (problem != std::errc{} || end != digits.data() + digits.size() || port == 0) refuse(text);
  return port;
}

}  // namespace

bool address::is_on_this_machine() const noexcept {
  if (is_unix_socket() || host == "localhost") return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    constexpr unsigned loopback_network = 127;
    return ntohl(v4.s_addr) >> 24U == loopback_network;
  }
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string address::text() const {
  if (is_unix_socket()) return host;
  const std::string port_text = std::to_string(port);
  if (host.find(':') == std::string::npos) return host + ":" + port_text;
  return "[" + host + "]:" + port_text;
}

address parse_address(std::string_view text, std::uint16_t default_port) {
  if (text.find('\0') != std::string_view::npos) refuse(text.substr(0, text.find('\0')));
  if (text.starts_with('/')) return {std::string{text}, 0};
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) refuse(text);
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (host.empty()) refuse(text);
  if (port.empty()) return {std::string{host}, default_port};
  if (!port.starts_with(':')) refuse(text);
  return {std::string{host}, parse_port(port.substr(1), text)};
}

}  // namespace scs::stores::redis_detail
