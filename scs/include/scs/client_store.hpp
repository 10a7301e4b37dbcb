#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a client_store seals into a cookie's value, and what it reads from one.
struct sealed_session {
  std::string payload{};
  /// From this moment on the value does not open any more.
  time_point expiry{};
  /// The user's revocation epoch at the moment when the session became that user's. Sealing the
  /// session again keeps this number. If the present epoch were used instead, the session would
  /// survive a revocation that happened in between.
  std::uint64_t epoch = 0;
};

/// The result of an attempt to open a cookie's value.
struct open_result {
  /// How the attempt ended.
  enum class outcome {
    /// Sealed by this store and not expired.
    live,
    /// Sealed by this store, but its expiry has passed.
    expired,
    /// Not sealed by this store, sealed for another cookie, sealed by a key that was removed, or
    /// changed since.
    refused,
  };

  outcome result = outcome::refused;
  /// Filled only if the result is `live`.
  sealed_session session{};
  /// Whether the session should be sealed again at the next opportunity, because its key is about
  /// to be removed.
  bool reseal = false;
};

/// Keeps sessions at the client. A cookie's value is not a token but the session itself, sealed so
/// that nobody else can read or change it. docs/store-cookie.md explains what that means for
/// revocation and for overlapping requests.
///
/// Thread safety: any number of threads may call any function at the same time.
class client_store {
 public:
  client_store() = default;
  client_store(const client_store&) = delete;
  client_store& operator=(const client_store&) = delete;
  virtual ~client_store() = default;

  /// The limit in bytes of a cookie's value. Longer values are not examined: no browser sends them.
  static constexpr std::size_t max_value_size = 4096;

  /// Returns what the value of the cookie with this name holds. A forged value is not an error: the
  /// result is `refused`. Throws scs::error (crypto_failed).
  virtual open_result open(std::string_view cookie_name, std::string_view value,
                           time_point now) = 0;

  /// Returns a value for the cookie with this name. Each call returns another value. It consists of
  /// characters that need no quotes in a cookie. Throws scs::error (crypto_failed).
  virtual std::string seal(std::string_view cookie_name, const sealed_session& session) = 0;

  /// Returns the present revocation epoch of a user. The user's name is not empty. A session that
  /// was sealed with another epoch has ended. An exception fails the request.
  virtual std::uint64_t epoch_of(std::string_view user) = 0;
};

}  // namespace scs
