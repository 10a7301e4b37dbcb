#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <scs/session_manager.hpp>
#include <scs/stores/cookie.hpp>

using namespace std::chrono_literals;

// The secrets come from where your server keeps its secrets: `openssl rand -base64 32` makes one.
scs::session_manager sessions_in_cookies(
    const std::string& secret, const std::string& previous_secret,
    const std::function<std::uint64_t(std::string_view)>& epoch_of_user) {
  return scs::session_manager{std::make_unique<scs::stores::cookie>(scs::stores::cookie_options{
                                  .secrets = {secret, previous_secret},
                                  .epoch_of = epoch_of_user,
                              }),
                              {.lifetime = 12h, .idle_timeout = 30min}};
}
