#include "manager/checked_options.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include <scs/error.hpp>

#include "headers/cookie.hpp"
#include "headers/transport.hpp"

namespace scs::detail {

namespace {

constexpr std::chrono::hours longest_lifetime{24 * 365 * 100};
constexpr std::chrono::hours longest_cookie{24 * 400};

bool is_origin(std::string_view text) noexcept {
  const std::size_t scheme = text.find("://");
  if (scheme == 0 || scheme == std::string_view::npos) return false;
  const std::string_view host = text.substr(scheme + 3);
  return !host.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && (c < 'A' || c > 'Z');
  }) && host.find_first_of("/?#@\\") == std::string_view::npos;
}

}  // namespace

void refuse_options(const std::string& why) {
  throw error(errc::invalid_options, why);
}

session_options checked_options(session_options options) {
  using std::chrono::nanoseconds;
  if (options.transport) {
    validate_transport(*options.transport);
    if (!options.cookie.name.empty() || !options.cookie.domain.empty()) {
      refuse_options(
          "transport: with a header no cookie is used; leave cookie.name and domain out");
    }
  }
  options.cookie = validate_cookie(std::move(options.cookie));
  if (options.lifetime <= nanoseconds{0} || options.lifetime > longest_lifetime) {
    refuse_options("lifetime: it must be more than zero and at most a hundred years");
  }
  if (options.cookie.persist && !options.transport && options.lifetime > longest_cookie) {
    refuse_options(
        "lifetime: browsers keep no cookie for more than 400 days; shorten it or switch off "
        "cookie.persist");
  }
  if (options.idle_timeout < nanoseconds{0} || options.idle_timeout > longest_lifetime) {
    refuse_options("idle_timeout: it must not be negative and at most a hundred years");
  }
  if (options.anonymous_idle_timeout < nanoseconds{0} ||
      options.anonymous_idle_timeout > longest_lifetime) {
    refuse_options("anonymous_idle_timeout: it must not be negative and at most a hundred years");
  }
  if (options.idle_timeout > options.lifetime ||
      options.anonymous_idle_timeout > options.lifetime) {
    refuse_options(
        "idle_timeout, anonymous_idle_timeout: longer than lifetime, after which a session ends "
        "however active it is: raise lifetime, or shorten them");
  }
  if (options.old_token_grace < nanoseconds{0}) {
    refuse_options("old_token_grace: it must not be negative");
  }
  if (options.max_payload_bytes == 0) refuse_options("max_payload_bytes: nothing fits into it");
  if (options.store_timeout < nanoseconds{0})
    refuse_options("store_timeout: it must not be negative");
  for (const std::string& origin : options.trusted_origins) {
    if (!is_origin(origin)) {
      refuse_options("trusted_origins: \"" + origin +
                     "\" is no origin: write https://host or https://host:port in lower case, "
                     "without a path");
    }
  }
  if (!options.codec) options.codec = std::make_shared<json_codec>();
  if (options.clock == nullptr) options.clock = &clock::system();
  if (!options.sleep) {
    options.sleep = [](nanoseconds duration) { std::this_thread::sleep_for(duration); };
  }
  return options;
}

}  // namespace scs::detail
