#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <buntstore/visibility.hpp>
#include <scs/client_store.hpp>

namespace scs::stores {

/// How a cookie store seals sessions.
struct BUNTSTORE_PUBLIC cookie_options {
  /// The secrets that seal sessions. The first one seals, and all of them open. So sessions live on
  /// while you replace a secret: put the new one first, and remove the old one when a session's
  /// lifetime has passed. Every server of the site needs the same secrets. Anybody else who knows
  /// one can forge sessions. Each must have at least 32 bytes from a random generator, not from a
  /// person: `openssl rand -base64 32`.
  std::vector<std::string> secrets{};

  /// Optional. Returns the present revocation epoch of a user. The application keeps it, for
  /// example in its table of users, and it begins with 0. Raising it ends all sessions of that
  /// user. It is called at the first use of a session that has a user, and when a session gets its
  /// user. It may be called on any thread. If it throws, the request fails with errc::store_failed;
  /// the user is not treated as logged out.
  std::function<std::uint64_t(std::string_view user)> epoch_of{};
};

/// Keeps sessions in their visitors' cookies, and nothing at the server. A cookie contains the
/// session's payload, expiry and epoch, sealed with AES-256-GCM and bound to the cookie's name.
/// Pass it to a session_manager in place of a store.
///
/// Read docs/store-cookie.md first. In short: a session must be small (about 2,900 bytes of
/// payload). You cannot revoke a single session. A copy of a cookie is valid until it expires,
/// whatever has happened since. Of overlapping requests, the last one to answer wins.
///
/// Thread safety: any number of threads may call any function at the same time.
class BUNTSTORE_PUBLIC cookie final : public client_store {
 public:
  /// Throws scs::error: invalid_options if there is no secret or one is too short.
  explicit cookie(cookie_options options);
  ~cookie() override;

  open_result open(std::string_view cookie_name, std::string_view value, time_point now) override;
  std::string seal(std::string_view cookie_name, const sealed_session& session) override;
  std::uint64_t epoch_of(std::string_view user) override;

 private:
  struct keys;

  std::unique_ptr<const keys> keys_;
  const std::function<std::uint64_t(std::string_view)> epoch_of_;
};

}  // namespace scs::stores
