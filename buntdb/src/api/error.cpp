#include <string_view>

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
      case errc::file_lost:
        return "database file was removed or changed by another program";
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

}  // namespace buntdb
