#include "headers/cookie.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <scs/error.hpp>

namespace scs {

namespace {

// The limits of browsers (RFC 6265bis, 5.6 and 5.7).
constexpr std::size_t max_name_and_value_size = 4096;
constexpr std::size_t max_attribute_size = 1024;

[[noreturn]] void refuse(std::string_view field, std::string_view why) {
  throw error(errc::invalid_options, std::string{"cookie."}.append(field).append(": ").append(why));
}

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void validate_name(const cookie_options& options) {
  const std::string& name = options.name;
  // Browsers compare these prefixes ignoring case.
  const auto has_prefix = [&](std::string_view prefix) {
    return buntstore::text::starts_with_ignoring_case(name, prefix);
  };
  if (!std::all_of(name.begin(), name.end(), is_header_name_byte)) {
    refuse("name", "only letters, digits and !#$%&'*+-.^_`|~ may be in a cookie's name");
  }
  if (name.size() + token::size > max_name_and_value_size) {
    refuse("name", "browsers drop cookies whose name and value have more than 4096 bytes");
  }
  if (has_prefix("__Secure-") && !options.secure) {
    refuse("secure", "a cookie named __Secure-... must be secure");
  }
  if (has_prefix("__Http-") || has_prefix("__Host-Http-")) {
    if (!options.secure) refuse("secure", "a cookie named __Http-... must be secure");
    if (!options.http_only) refuse("http_only", "a cookie named __Http-... must be http_only");
  }
  if (has_prefix("__Host-")) {
    if (!options.secure) refuse("secure", "a cookie named __Host-... must be secure");
    if (!options.domain.empty()) refuse("domain", "a cookie named __Host-... has no domain");
    if (options.path != "/") refuse("path", "a cookie named __Host-... has the path /");
  }
}

void validate_path(std::string_view path) {
  if (path.empty() || path[0] != '/') refuse("path", "it must begin with /");
  if (path.size() > max_attribute_size) refuse("path", "browsers ignore more than 1024 bytes");
  if (!std::all_of(path.begin(), path.end(),
                   [](char c) { return c >= 0x20 && c < 0x7F && c != ';'; })) {
    refuse("path", "only printable ASCII without ; may be in it");
  }
}

void validate_domain(std::string_view domain) {
  if (domain.empty()) return;
  constexpr std::size_t max_domain_size = 253;
  constexpr std::size_t max_label_size = 63;
  if (domain.size() > max_domain_size) refuse("domain", "a host name has at most 253 bytes");
  while (true) {
    const std::string_view label = domain.substr(0, domain.find('.'));
    if (label.empty() || label.size() > max_label_size || label.front() == '-' ||
        label.back() == '-' || !std::all_of(label.begin(), label.end(), [](char c) {
          return is_alphanumeric(c) || c == '-';
        })) {
      refuse("domain", "not a host name of letters, digits, hyphens and dots");
    }
    if (label.size() == domain.size()) return;
    domain.remove_prefix(label.size() + 1);
  }
}

void append_date(std::string& out, time_point moment) {
  using namespace std::chrono;
  constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_days midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const hh_mm_ss time{floor<seconds>(moment - midnight)};
  std::array<char, 64> text;
  const int length = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      weekdays[weekday{midnight}.c_encoding()], static_cast<unsigned>(date.day()),
      months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  out.append(text.data(), static_cast<std::size_t>(length));
}

}  // namespace

bool is_header_name_byte(char c) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
}

bool token_candidates::add(const token& candidate) {
  const auto end = tokens.begin() + static_cast<std::ptrdiff_t>(count);
  if (std::find(tokens.begin(), end, candidate) != end) return true;
  if (count < max_count) {
    tokens[count++] = candidate;
    return true;
  }
  if (std::find(excess.begin(), excess.end(), candidate) == excess.end()) {
    excess.push_back(candidate);
  }
  return excess.size() < max_excess;
}

token_candidates find_tokens(std::span<const std::string_view> lines, std::string_view name) {
  token_candidates found;
  // A token contains only bytes that are allowed in cookies, so no check of the bytes is needed.
  for_each_cookie_text(lines, name, [&](std::string_view value) {
    const std::optional<token> candidate = token::parse(value);
    return !candidate || found.add(*candidate);
  });
  return found;
}

std::vector<std::string> find_values(std::span<const std::string_view> lines, std::string_view name,
                                     std::size_t max_size) {
  std::vector<std::string> found;
  for_each_cookie(lines, name, [&](std::string_view value) {
    if (!value.empty() && value.size() <= max_size &&
        std::find(found.begin(), found.end(), value) == found.end()) {
      found.emplace_back(value);
    }
    return found.size() < token_candidates::max_count;
  });
  return found;
}

std::string to_header_value(const set_cookie& cookie) {
  std::string out;
  out.reserve(cookie.name.size() + cookie.value.size() + cookie.path.size() + cookie.domain.size() +
              160);
  const bool quoted = cookie.value.find_first_of(" ,") != std::string_view::npos;
  out.append(cookie.name).append(1, '=');
  if (quoted) out += '"';
  out += cookie.value;
  if (quoted) out += '"';
  if (!cookie.path.empty()) out.append("; Path=").append(cookie.path);
  if (!cookie.domain.empty()) out.append("; Domain=").append(cookie.domain);
  if (cookie.expires) {
    out += "; Expires=";
    append_date(out, *cookie.expires);
  }
  if (cookie.max_age) {
    out.append("; Max-Age=")
        .append(std::to_string(std::max<std::int64_t>(0, cookie.max_age->count())));
  }
  if (cookie.http_only) out += "; HttpOnly";
  if (cookie.secure) out += "; Secure";
  switch (cookie.same_site) {
    case same_site_policy::unset:
      break;
    case same_site_policy::lax:
      out += "; SameSite=Lax";
      break;
    case same_site_policy::strict:
      out += "; SameSite=Strict";
      break;
    case same_site_policy::none:
      out += "; SameSite=None";
      break;
  }
  if (cookie.partitioned) out += "; Partitioned";
  return out;
}

cookie_options validate_cookie(cookie_options options) {
  if (options.name.empty()) {
    const bool host_only = options.secure && options.domain.empty() && options.path == "/";
    const char* const protected_name = options.http_only ? "__Host-Http-session" : "__Host-session";
    options.name = host_only ? protected_name : "session";
  }
  // Browsers ignore a leading dot, and Go removes it.
  if (options.domain.size() > 1 && options.domain[0] == '.') options.domain.erase(0, 1);
  validate_name(options);
  validate_path(options.path);
  validate_domain(options.domain);
  if (options.same_site == same_site_policy::none && !options.secure) {
    refuse("same_site", "browsers drop cookies with SameSite=None that are not secure");
  }
  if (options.partitioned && !options.secure) {
    refuse("partitioned", "browsers drop partitioned cookies that are not secure");
  }
  return options;
}

}  // namespace scs
