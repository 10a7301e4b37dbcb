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

/// What can go wrong with a session.
enum class errc {
  /// The session was destroyed, renewed away or has expired while this request was changing it.
  /// Nothing of this request's changes was kept.
  session_gone = 1,
  /// The session was to be loaded explicitly (load_policy::explicit_only) and was not.
  not_loaded,
  /// The key holds a value of another type than the one asked for, or a number out of its range.
  wrong_type,
  /// A value or key that cannot be stored: NaN, infinity, invalid UTF-8, text that is not JSON.
  invalid_value,
  /// The options contradict each other or are out of range; the message names the field.
  invalid_options,
  /// The store failed. std::rethrow_if_nested() throws its own exception, when it was another one;
  /// not under id_mode::raw, where that may name a token.
  store_failed,
  /// The store takes no more sessions.
  store_full,
  /// Other requests changed the session again and again until the store's timeout had passed.
  store_timeout,
  /// The stored bytes are not what the codec writes.
  payload_undecodable,
  /// The session, or an identifier, is larger than its limit.
  too_large,
  /// The system's random generator, hash function or cipher failed.
  crypto_failed,
  /// This manager or store cannot do it, whatever is tried; the message says what can.
  not_supported,
  /// The user has as many sessions as they may have, and the options refuse another login.
  too_many_sessions,
  /// session::require_login_within(): nobody is logged in, or too long ago. The visitor
  /// has to log in once more.
  login_required,
  /// As many commits wait for the store as session_options::max_waiting_commits allows. This one
  /// was
  /// not begun: nothing of the session was changed, and another try may succeed soon.
  store_busy,
};

/// The category of errc; its name is "scs".
const std::error_category& error_category() noexcept;

inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// Whether the code is this errc. It is compared by the category's name, so that `e.code() ==
/// errc::too_large` is also true of an error from another copy of this library in the process, as
/// in a plugin that contains one. The standard compares categories by address.
bool operator==(const std::error_code& code, errc value) noexcept;

/// The name of the constant, such as "session_gone".
std::string_view to_string(errc code) noexcept;
std::ostream& operator<<(std::ostream& out, errc code);

/// Every failure of this library. what() is a sentence a person can act on, and never contains a
/// token, nor a value of a session.
class error : public std::system_error {
 public:
  /// In what(), control characters, characters that change the direction of text, and bytes that
  /// are not UTF-8 stand as `\xNN`: a message may quote keys, values and file names. What the
  /// system says of a code of its own follows the message; an errc says nothing that the message
  /// does not.
  error(std::error_code code, const std::string& message);
  error(errc code, const std::string& message) : error(make_error_code(code), message) {}

  const char* what() const noexcept override;

 private:
  std::runtime_error message_;  // copies without an exception
};

/// What what() says, after the name of the code and a colon: `store_full: the memory store …`.
std::string to_string(const error& failure);
std::ostream& operator<<(std::ostream& out, const error& failure);

/// What an exception says, with the exceptions nested in it, each after a colon; what is said
/// already is not repeated. Empty for null. No exception that a manager throws says a token; what
/// value_traits of another library threw may quote a value.
std::string describe(const std::exception_ptr& cause);

/// The code of the exception, or of the first one nested in it that has one; empty if none has.
std::error_code code_of(const std::exception_ptr& cause) noexcept;

/// The HTTP status that an error function answers with by default: 403 for login_required; 409 for
/// session_gone and too_many_sessions; 503 where the store is the cause and another try may succeed
/// (store_failed, store_timeout, store_full, store_busy); 500 for everything else.
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
