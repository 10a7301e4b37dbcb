#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a client_store puts into a cookie's value, and gets out of it.
struct sealed_session {
  std::string payload{};
  /// From this moment on the value opens nothing.
  time_point expiry{};
  /// The revocation epoch of the session's user when the session became theirs. It stays when the
  /// session is sealed again: with the present one it would survive a revocation that came between.
  std::uint64_t epoch = 0;
};

/// What became of an attempt to open a cookie's value.
struct open_result {
  enum class outcome {
    live,
    /// Sealed by this store, but its expiry has come.
    expired,
    /// Not sealed by this store, not for this cookie, by a key that is gone, or changed since.
    refused,
  };

  outcome result = outcome::refused;
  /// Only if live.
  sealed_session session{};
  /// Whether the session should be sealed again at the next opportunity: its key is on its way out.
  bool reseal = false;
};

/// Keeps sessions at the client: a cookie's value is not a token but the session itself, sealed so
/// that nobody else can read or change it. What that means for revocation and for overlapping
/// requests stands in docs/store-cookie.md. Used from any thread.
class client_store {
 public:
  client_store() = default;
  client_store(const client_store&) = delete;
  client_store& operator=(const client_store&) = delete;
  virtual ~client_store() = default;

  /// Longer values are not worth a look: no browser sends them.
  static constexpr std::size_t max_value_size = 4096;

  /// What the value of the cookie with this name holds. A value that somebody made up is no
  /// exception. Throws scs::error (crypto_failed).
  virtual open_result open(std::string_view cookie_name, std::string_view value,
                           time_point now) = 0;

  /// A value for the cookie with this name: another one each time, of characters that need no
  /// quotes there. Throws scs::error (crypto_failed).
  virtual std::string seal(std::string_view cookie_name, const sealed_session& session) = 0;

  /// The present revocation epoch of a user, who has a name: a session with another one is over.
  /// What it throws fails the request.
  virtual std::uint64_t epoch_of(std::string_view user) = 0;
};

}  // namespace scs
