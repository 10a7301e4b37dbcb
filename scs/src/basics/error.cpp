#include <array>
#include <ostream>
#include <string_view>

#include <buntstore/internal/printable.hpp>
#include <scs/error.hpp>

namespace scs {

namespace {

class category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "scs"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::session_gone:
        return "session is gone";
      case errc::not_loaded:
        return "session is not loaded";
      case errc::wrong_type:
        return "value of another type";
      case errc::invalid_value:
        return "invalid value";
      case errc::invalid_options:
        return "invalid options";
      case errc::store_failed:
        return "session store failed";
      case errc::store_full:
        return "session store is full";
      case errc::store_timeout:
        return "session store timeout";
      case errc::payload_undecodable:
        return "undecodable session payload";
      case errc::too_large:
        return "too large";
      case errc::crypto_failed:
        return "random generator, hash function or cipher failed";
      case errc::not_supported:
        return "not supported";
      case errc::too_many_sessions:
        return "the user has too many sessions";
      case errc::login_required:
        return "login required";
      case errc::store_busy:
        return "too many commits wait for the session store";
    }
    return "unknown error";
  }
};

/// In the order of errc, which begins with 1.
constexpr std::array<std::string_view, 15> error_names{
    "session_gone",  "not_loaded",    "wrong_type",        "invalid_value",       "invalid_options",
    "store_failed",  "store_full",    "store_timeout",     "payload_undecodable", "too_large",
    "crypto_failed", "not_supported", "too_many_sessions", "login_required",      "store_busy"};

bool is_own(const std::error_code& code) noexcept {
  return code.category() == error_category() ||
         std::string_view{code.category().name()} == error_category().name();
}

/// Calls the function with the exception and with those nested in it, until it returns false. It
/// gets null for an exception that is not a std::exception.
template <class Function>
void for_each_cause(const std::exception_ptr& cause, const Function& function) {
  try {
    std::rethrow_exception(cause);
  } catch (const std::exception& failure) {
    if (!function(&failure)) return;
    const auto* nested = dynamic_cast<const std::nested_exception*>(&failure);
    if (nested && nested->nested_ptr()) for_each_cause(nested->nested_ptr(), function);
  } catch (...) {
    function(static_cast<const std::exception*>(nullptr));
  }
}

}  // namespace

std::string_view to_string(errc code) noexcept {
  const auto at = static_cast<std::size_t>(code) - 1;
  return at < error_names.size() ? error_names.at(at) : "unknown";
}

std::ostream& operator<<(std::ostream& out, errc code) {
  return out << to_string(code);
}

error::error(std::error_code code, const std::string& message)
    : std::system_error(code, buntstore::text::escaped(message)),
      message_(is_own(code) ? buntstore::text::escaped(message) : std::system_error::what()) {}

const char* error::what() const noexcept {
  return message_.what();
}

std::string to_string(const error& failure) {
  const std::error_code& code = failure.code();
  std::string text = is_own(code) ? std::string{to_string(static_cast<errc>(code.value()))}
                                  : code.category().name() + (":" + std::to_string(code.value()));
  return text.append(": ").append(failure.what());
}

std::ostream& operator<<(std::ostream& out, const error& failure) {
  return out << to_string(failure);
}

std::string describe(const std::exception_ptr& cause) {
  std::string text;
  if (!cause) return text;
  for_each_cause(cause, [&](const std::exception* failure) {
    const std::string_view said = failure ? failure->what() : "an exception of another type";
    if (text.find(said) != std::string::npos) return true;
    if (!text.empty()) text += ": ";
    text += said;
    return true;
  });
  return text;
}

std::error_code code_of(const std::exception_ptr& cause) noexcept {
  std::error_code code;
  if (!cause) return code;
  for_each_cause(cause, [&](const std::exception* failure) {
    const auto* with_code = dynamic_cast<const std::system_error*>(failure);
    if (with_code) code = with_code->code();
    return with_code == nullptr;
  });
  return code;
}

bool operator==(const std::error_code& code, errc value) noexcept {
  return code.value() == static_cast<int>(value) &&
         (code.category() == error_category() ||
          std::string_view{code.category().name()} == error_category().name());
}

const std::error_category& error_category() noexcept {
  static const category instance;
  return instance;
}

int http_status(const std::error_code& code) noexcept {
  if (code == errc::login_required) return 403;
  if (code == errc::session_gone || code == errc::too_many_sessions) return 409;
  const bool passes = code == errc::store_failed || code == errc::store_timeout ||
                      code == errc::store_full || code == errc::store_busy;
  return passes ? 503 : 500;
}

}  // namespace scs
