#pragma once

#include <exception>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <version>
#ifdef __cpp_lib_format
#include <format>
#endif

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// The errors of this library.
enum class errc {
  /// The session was destroyed, renewed by another request, or expired while this request was
  /// changing it. None of this request's changes were kept.
  session_gone = 1,
  /// The session must be loaded explicitly (load_policy::explicit_only) and was not.
  not_loaded,
  /// The key holds a value of another type than the one asked for, or a number outside that type's
  /// range.
  wrong_type,
  /// A value or key cannot be stored: NaN, infinity, invalid UTF-8, or text that is not JSON.
  invalid_value,
  /// The options contradict each other or are out of range. The message names the option.
  invalid_options,
  /// The store failed. If the store threw an exception of another type, std::rethrow_if_nested()
  /// throws that exception. Under id_mode::raw it does not, because that exception might contain a
  /// token.
  store_failed,
  /// The store accepts no more sessions.
  store_full,
  /// Other requests kept changing the session until session_options::store_timeout had passed.
  store_timeout,
  /// The stored bytes are not in the codec's format.
  payload_undecodable,
  /// The session, or an identifier, is larger than its limit.
  too_large,
  /// The system's random generator, hash function or cipher failed.
  crypto_failed,
  /// This manager or store cannot do this at all. The message says what can.
  not_supported,
  /// The user already has as many sessions as the options allow, and the options refuse another
  /// login.
  too_many_sessions,
  /// From session::require_login_within(): nobody is logged in, or the login was too long ago. The
  /// visitor has to log in once more.
  login_required,
  /// As many commits as session_options::max_waiting_commits allows are waiting for the store. This
  /// commit was not begun, and the session is unchanged. Another try may succeed soon.
  store_busy,
};

/// The error category of errc. Its name is "scs".
const std::error_category& error_category() noexcept;

/// The code as a std::error_code of error_category().
inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// Returns whether the code is this errc. Categories are compared by name, so that `e.code() ==
/// errc::too_large` is also true of an error from another copy of this library in the process, such
/// as a copy in a plugin. The standard library compares categories by address.
bool operator==(const std::error_code& code, errc value) noexcept;

/// Returns the name of the constant, such as "session_gone".
std::string_view to_string(errc code) noexcept;
/// Writes to_string(code).
std::ostream& operator<<(std::ostream& out, errc code);

/// The exception for every failure of this library. what() is a sentence that a person can act on.
/// It never contains a token or a value of a session.
class error : public std::system_error {
 public:
  /// A message may quote keys, values and file names. In what(), `\xNN` replaces control
  /// characters, characters that change the direction of text, and bytes that are not UTF-8. If the
  /// code is a system's error code, the system's description follows the message. For an errc
  /// nothing follows.
  error(std::error_code code, const std::string& message);
  /// The same for a code of this library.
  error(errc code, const std::string& message) : error(make_error_code(code), message) {}

  /// The message. Valid as long as this object.
  const char* what() const noexcept override;

 private:
  std::runtime_error message_;  // copying it does not throw
};

/// Returns the name of the code, a colon, and what(): `store_full: the memory store …`.
std::string to_string(const error& failure);
/// Writes to_string(failure).
std::ostream& operator<<(std::ostream& out, const error& failure);

/// Returns the message of the exception and those of the exceptions nested in it, each after a
/// colon. A message that is already contained in the text is not repeated. Returns an empty string
/// for null. No exception that a manager throws contains a token. An exception from your own or
/// another library's value_traits may quote a value.
std::string describe(const std::exception_ptr& cause);

/// Returns the code of the exception, or that of the first nested exception that has one. Returns
/// an empty code if none has.
std::error_code code_of(const std::exception_ptr& cause) noexcept;

/// Returns the HTTP status with which an error function answers by default: 403 for login_required;
/// 409 for session_gone and too_many_sessions; 503 if the store is the cause and another try may
/// succeed (store_failed, store_timeout, store_full, store_busy); 500 for everything else.
int http_status(const std::error_code& code) noexcept;

}  // namespace scs

template <>
struct std::is_error_code_enum<scs::errc> : std::true_type {};

#ifdef __cpp_lib_format
template <>
struct std::formatter<scs::errc> : std::formatter<std::string_view> {
  auto format(scs::errc code, auto& context) const {
    return std::formatter<std::string_view>::format(scs::to_string(code), context);
  }
};

template <>
struct std::formatter<scs::error> : std::formatter<std::string_view> {
  auto format(const scs::error& failure, auto& context) const {
    return std::formatter<std::string_view>::format(scs::to_string(failure), context);
  }
};
#endif
