#include "output/exit_status.hpp"

#include <buntdb/error.hpp>

exit_status status_of(const std::exception& failure) noexcept {
  if (dynamic_cast<const usage_error*>(&failure) != nullptr) return exit_status::usage;
  const auto* known = dynamic_cast<const buntdb::error*>(&failure);
  if (known == nullptr || known->code().category() != buntdb::error_category()) {
    return exit_status::failed;
  }
  switch (static_cast<buntdb::errc>(known->code().value())) {
    case buntdb::errc::locked:
      return exit_status::locked;
    case buntdb::errc::corrupt:
    case buntdb::errc::not_a_database:
      return exit_status::damaged;
    case buntdb::errc::index_not_found:
      return exit_status::finding;
    case buntdb::errc::index_exists:
    case buntdb::errc::wrong_index_kind:
    case buntdb::errc::reserved_key:
    case buntdb::errc::too_large:
    case buntdb::errc::invalid_argument:
      return exit_status::usage;
    default:
      return exit_status::failed;
  }
}
