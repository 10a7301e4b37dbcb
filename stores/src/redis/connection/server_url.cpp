#include "redis/connection/server_url.hpp"

#include <charconv>

#include <scs/error.hpp>

namespace scs::stores::redis_detail {

namespace {

[[noreturn]] void refuse_url(std::string_view url, std::string_view why) {
  std::string message = "redis: servers: the URL ";
  const auto slashes = url.find("//") + 2;
  const auto at = url.find('@');  // what is before it may be a password
  message.append(url.substr(0, slashes));
  message.append(at == std::string_view::npos ? url.substr(slashes) : url.substr(at + 1));
  throw error(errc::invalid_options, message.append(": ").append(why));
}

std::string decoded(std::string_view text, std::string_view url) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    unsigned int byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || read.ec != std::errc{} || read.ptr != digits.data() + 2) {
      refuse_url(url, "after % come two hexadecimal digits; a % itself is %25");
    }
    bytes += static_cast<char>(byte);
    i += 2;
  }
  return bytes;
}

int parse_database(std::string_view digits, std::string_view url) {
  int number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number < 0) {
    refuse_url(url, "after the server comes / and the number of a database, and nothing else");
  }
  return number;
}

}  // namespace

named_server parse_server(std::string_view text, std::uint16_t default_port) {
  const bool with_tls = text.starts_with("rediss://");
  if (!with_tls && !text.starts_with("redis://"))
    return {.where = parse_address(text, default_port)};
  named_server named{.tls = with_tls};
  std::string_view rest = text.substr(text.find("//") + 2);
  // A password may have any byte but those that end the part: they are written with a %.
  const auto path = rest.find('/');
  const std::string_view authority = rest.substr(0, path);
  if (path != std::string_view::npos && path + 1 < rest.size()) {
    named.database = parse_database(rest.substr(path + 1), text);
  }
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view account = authority.substr(0, at);
    const auto colon = account.find(':');
    named.user = decoded(account.substr(0, colon), text);
    if (colon != std::string_view::npos) named.password = decoded(account.substr(colon + 1), text);
    if (named.password.empty()) refuse_url(text, "a user needs a password: USER:PASSWORD@HOST");
  }
  const std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  if (host.empty() || host.starts_with('/')) refuse_url(text, "it names no host");
  named.where = parse_address(host, default_port);
  return named;
}

}  // namespace scs::stores::redis_detail
