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

struct BUNTSTORE_PUBLIC cookie_options {
  /// What the sessions are sealed with. The first one seals; all of them open, so that sessions
  /// live on while a secret is replaced: put the new one in front, and take the old one out when a
  /// session's lifetime has passed. Every server of the site needs the same ones, and nobody else
  /// may have them: who knows one can make up sessions. At least 32 bytes each, from a random
  /// generator and not from a person: `openssl rand -base64 32`.
  std::vector<std::string> secrets{};

  /// Optional: the present revocation epoch of a user, which the application keeps, say in its
  /// table of users, and which begins with 0. Raising it ends all sessions of that user. Asked at
  /// the first use of a session that has a user, and when one gets its user. Called from any
  /// thread; what it throws is errc::store_failed for the request: nobody is taken for logged out
  /// because it cannot tell.
  std::function<std::uint64_t(std::string_view user)> epoch_of{};
};

/// Sessions in their visitors' cookies: nothing is kept at the server. A cookie holds the session's
/// payload, expiry and epoch, sealed with AES-256-GCM and bound to the cookie's name. Give it
/// to a session_manager in place of a store.
///
/// Read docs/store-cookie.md first. In short: a session must be small (about 2,900 bytes of
/// payload); a single one cannot be revoked, and a cookie that somebody kept is good until it
/// expires, whatever happened since; of requests that overlap the last one to answer wins.
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
