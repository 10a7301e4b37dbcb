#include "headers/transport.hpp"

#include <algorithm>
#include <array>

#include <buntstore/internal/ascii.hpp>
#include <scs/error.hpp>

namespace scs {

namespace {

/// Names that HTTP already uses, or that programs may not set.
constexpr std::array<std::string_view, 23> taken_names{"Accept",
                                                       "Authorization",
                                                       "Cache-Control",
                                                       "Connection",
                                                       "Cookie",
                                                       "Content-Encoding",
                                                       "Content-Length",
                                                       "Content-Type",
                                                       "Date",
                                                       "Expires",
                                                       "Host",
                                                       "Keep-Alive",
                                                       "Location",
                                                       "Origin",
                                                       "Proxy-Authorization",
                                                       "Referer",
                                                       "Set-Cookie",
                                                       "Transfer-Encoding",
                                                       "Upgrade",
                                                       "User-Agent",
                                                       "Vary",
                                                       "Via",
                                                       "WWW-Authenticate"};

}  // namespace

std::vector<std::string> request_headers(const session_options& options) {
  if (!options.transport) return {"Cookie"};
  std::vector<std::string> names{options.transport->name};
  if (options.transport->authorization_bearer) names.emplace_back("Authorization");
  return names;
}

token_candidates find_header_tokens(std::span<const std::string_view> values) {
  constexpr std::string_view scheme = "Bearer ";
  token_candidates found;
  for (std::string_view value : values) {
    value = buntstore::text::trimmed(value);
    if (buntstore::text::starts_with_ignoring_case(value, scheme)) {
      value = buntstore::text::trimmed(value.substr(scheme.size()));
    }
    const std::optional<token> candidate = token::parse(value);
    if (candidate && !found.add(*candidate)) break;
  }
  return found;
}

void validate_transport(const header_transport& transport) {
  const std::string& name = transport.name;
  const auto refuse = [](const char* why) {
    throw error(errc::invalid_options, std::string{"transport.name: "}.append(why));
  };
  constexpr std::size_t max_size = 256;
  if (name.empty() || name.size() > max_size) refuse("it needs 1 to 256 characters");
  if (!std::all_of(name.begin(), name.end(), is_header_name_byte)) {
    refuse("only letters, digits and !#$%&'*+-.^_`|~ may be in a header's name");
  }
  if (std::any_of(taken_names.begin(), taken_names.end(), [&](std::string_view taken) {
        return buntstore::text::equals_ignoring_case(taken, name);
      })) {
    refuse("this header has another meaning; take one of your own, such as X-Session");
  }
}

}  // namespace scs
