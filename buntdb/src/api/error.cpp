#include <array>
#include <ostream>
#include <string_view>

#include <buntdb/detail/value_codec.hpp>
#include <buntdb/error.hpp>
#include <buntstore/internal/printable.hpp>

namespace buntdb {

namespace {

class category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "buntdb"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::not_a_database:
        return "not a database";
      case errc::corrupt:
        return "damaged database file";
      case errc::locked:
        return "database is locked";
      case errc::reserved_key:
        return "reserved key";
      case errc::too_large:
        return "key or value too large";
      case errc::nested_transaction:
        return "nested write transaction";
      case errc::transaction_ended:
        return "transaction has ended";
      case errc::closed:
        return "database is closed";
      case errc::writes_stopped:
        return "database refuses writes after a failure";
      case errc::read_only:
        return "database is read-only";
      case errc::invalid_argument:
        return "invalid argument";
      case errc::index_exists:
        return "index exists";
      case errc::index_not_found:
        return "no such index";
      case errc::wrong_index_kind:
        return "wrong kind of index";
      case errc::name_not_durable:
        return "the new file is in place, but its name may not be on the disk";
      case errc::full:
        return "the limit of memory has been reached";
      case errc::wrong_type:
        return "value of another type";
      case errc::not_unique:
        return "a unique index has an equal item already";
      case errc::file_lost:
        return "database file was removed or changed by another program";
    }
    return "unknown error";
  }
};

bool is_own(const std::error_code& code) noexcept {
  return code.category() == error_category() ||
         std::string_view{code.category().name()} == error_category().name();
}

/// In the order of errc, whose first value is 1.
constexpr std::array<std::string_view, 19> error_names{"not_a_database",
                                                       "corrupt",
                                                       "locked",
                                                       "reserved_key",
                                                       "too_large",
                                                       "nested_transaction",
                                                       "transaction_ended",
                                                       "closed",
                                                       "writes_stopped",
                                                       "read_only",
                                                       "invalid_argument",
                                                       "index_exists",
                                                       "index_not_found",
                                                       "wrong_index_kind",
                                                       "file_lost",
                                                       "name_not_durable",
                                                       "full",
                                                       "not_unique",
                                                       "wrong_type"};

}  // namespace

std::string_view to_string(errc code) noexcept {
  const auto at = static_cast<std::size_t>(code) - 1;
  return at < error_names.size() ? error_names[at] : "unknown";
}

std::ostream& operator<<(std::ostream& out, errc code) {
  return out << to_string(code);
}

std::string to_string(const error& failure) {
  const std::error_code& code = failure.code();
  std::string text(is_own(code) ? std::string(to_string(static_cast<errc>(code.value())))
                                : code.category().name() + (":" + std::to_string(code.value())));
  return text.append(": ").append(failure.what());
}

std::ostream& operator<<(std::ostream& out, const error& failure) {
  return out << to_string(failure);
}

namespace detail {

void throw_wrong_type(std::string_view key) {
  throw error(errc::wrong_type,
              "the value of '" + std::string(key) + "' does not fit the requested type");
}

}  // namespace detail

error::error(std::error_code code, const std::string& message)
    : std::system_error(code, buntstore::text::escaped(message)),
      message_(is_own(code) ? buntstore::text::escaped(message) : std::system_error::what()) {}

const char* error::what() const noexcept {
  return message_.what();
}

bool operator==(const std::error_code& code, errc value) noexcept {
  return code.value() == static_cast<int>(value) && is_own(code);
}

const std::error_category& error_category() noexcept {
  static const category instance;
  return instance;
}

}  // namespace buntdb
