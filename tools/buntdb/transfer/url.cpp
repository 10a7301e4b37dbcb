#include "transfer/url.hpp"

#include <utility>

#include <buntstore/internal/hex.hpp>

#include "output/exit_status.hpp"

namespace {

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = high >= 0 ? digit_of(text[i + 2]) : -1;
    if (low < 0) throw usage_error("a percent sign in the URL is not followed by two digits");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

/// Splits at the first mark. The second part is empty if there is none.
std::pair<std::string_view, std::string_view> divided(std::string_view text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

std::string url::take(const std::string& name, std::string otherwise) {
  const auto found = options.extract(name);
  return found.empty() ? std::move(otherwise) : found.mapped();
}

std::string url::shown() const {
  return scheme + "://" + hosts + (path.empty() ? "" : "/" + path);
}

url parse_url(std::string_view text) {
  constexpr std::string_view mark = "://";
  const std::size_t begin = text.find(mark);
  if (begin == std::string_view::npos) throw usage_error("that is no URL");
  url found;
  found.scheme = text.substr(0, begin);
  const auto [place, query] = divided(text.substr(begin + mark.size()), '?');
  const std::size_t at = place.substr(0, place.find('/')).rfind('@');
  const std::string_view account =
      at == std::string_view::npos ? std::string_view{} : place.substr(0, at);
  const auto [user, password] = divided(account, ':');
  found.user = decoded(user);
  found.password = decoded(password);
  const auto [hosts, path] =
      divided(at == std::string_view::npos ? place : place.substr(at + 1), '/');
  found.hosts = hosts;
  found.path = path;
  for (std::string_view rest = query; !rest.empty();) {
    const auto [option, next] = divided(rest, '&');
    const auto [name, value] = divided(option, '=');
    found.options[decoded(name)] = decoded(value);
    rest = next;
  }
  return found;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      buntstore::text::append_hex(out, static_cast<unsigned char>(c));
    }
  }
  return out;
}
