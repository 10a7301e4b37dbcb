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
    }
    return "unknown error";
  }
};

}  // namespace

error::error(std::error_code code, const std::string& message)
    : std::system_error(code, buntstore::text::escaped(message)) {}

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
  const bool passes =
      code == errc::store_failed || code == errc::store_timeout || code == errc::store_full;
  return passes ? 503 : 500;
}

}  // namespace scs
