#include <algorithm>
#include <array>

#include <buntstore/internal/ascii.hpp>
#include <scs/csrf.hpp>

namespace scs {

namespace {

/// Returns the host and port of an origin. Empty for `null` and anything else that has none.
std::string_view authority_of(std::string_view origin) noexcept {
  constexpr std::string_view separator = "://";
  const std::size_t at = origin.find(separator);
  return at == std::string_view::npos ? std::string_view{} : origin.substr(at + separator.size());
}

}  // namespace

bool is_safe_method(std::string_view method) noexcept {
  constexpr std::array<std::string_view, 4> safe{"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::find(safe.begin(), safe.end(), method) != safe.end();
}

bool request_is_same_origin(const csrf_request& request,
                            std::span<const std::string> trusted_origins) noexcept {
  const std::string_view origin = request.origin;
  if (!origin.empty() &&
      std::find(trusted_origins.begin(), trusted_origins.end(), origin) != trusted_origins.end()) {
    return true;
  }
  if (!request.sec_fetch_site.empty()) {
    return request.sec_fetch_site == "same-origin" || request.sec_fetch_site == "none";
  }
  if (origin.empty()) return true;
  const std::string_view authority = authority_of(origin);
  return !authority.empty() && buntstore::text::equals_ignoring_case(authority, request.host);
}

}  // namespace scs
