#pragma once

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

namespace buntdb BUNTSTORE_PUBLIC {

/// What can go wrong besides the operating system's own errors (which keep their std::errc code).
enum class errc {
  /// The file is not a database: it does not begin like one.
  not_a_database = 1,
  /// The file is damaged below what was known to be safely on disk, or in a way that no power cut
  /// explains. Nothing was changed; the message names the offset.
  corrupt,
  /// Another process, or another handle of this process, has the database open.
  locked,
  /// The key begins with the bytes NUL "bunt:", which are reserved for the file format.
  reserved_key,
  /// The key or the value is longer than the documented limit.
  too_large,
  /// A nested begin() or update() by the thread that already writes: it would wait for itself.
  nested_transaction,
  /// The transaction has ended, or an exception inside one of its changes left it unusable.
  transaction_ended,
  /// The database was closed, or its handle was inherited through fork().
  closed,
  /// An earlier write or sync failed in a way that makes further writes unsafe; reads still work.
  writes_stopped,
  /// The database was opened read-only.
  read_only,
  /// The options contradict each other or are out of range.
  invalid_argument,
  /// There is an index of that name already.
  index_exists,
  /// There is no index of that name.
  index_not_found,
  /// The index is spatial and was used as an ordered one, or the other way round.
  wrong_index_kind,
  /// Another program removed, replaced, cut or wrote to the file while the database had it open.
  /// Said once, by an event and to who noticed; writes then throw `writes_stopped`, with the same
  /// text.
  file_lost,
  /// compact() or save() has given the new file its name, and the folder could not be synced: until
  /// the system has done so by itself, a power cut may bring the old file back.
  name_not_durable,
  /// The database has as much in memory as settings::max_memory_bytes permits. Nothing has changed;
  /// reads, erasures and expiry go on, and so do sets with set_options::beyond_limit.
  full,
  /// A unique index (index_options::unique) has an item that its orderings take for equal already;
  /// the message names both keys. Nothing has changed.
  not_unique,
  /// get<Value>(): the item is there, and its value is none of that type.
  wrong_type,
};

/// The name of the constant, such as "not_unique".
std::string_view to_string(errc code) noexcept;
std::ostream& operator<<(std::ostream& out, errc code);

/// The category of errc; its name is "buntdb".
const std::error_category& error_category() noexcept;

inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// Whether the code is this errc. It is compared by the category's name, so that `e.code() ==
/// errc::too_large` is also true of an error from another copy of this library in the process, as
/// in a plugin that contains one. The standard compares categories by address.
bool operator==(const std::error_code& code, errc value) noexcept;

/// Every failure of this library. code() is a buntdb::errc or the operating system's error;
/// what() is a sentence a person can act on: the file, the offset, the cause.
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

/// What what() says, after the name of the code and a colon: `full: the database has …`.
std::ostream& operator<<(std::ostream& out, const error& failure);
std::string to_string(const error& failure);

}  // namespace buntdb

template <>
struct std::is_error_code_enum<buntdb::errc> : std::true_type {};

#ifdef __cpp_lib_format
template <>
struct std::formatter<buntdb::errc> : std::formatter<std::string_view> {
  auto format(buntdb::errc code, auto& context) const {
    return std::formatter<std::string_view>::format(buntdb::to_string(code), context);
  }
};

template <>
struct std::formatter<buntdb::error> : std::formatter<std::string_view> {
  auto format(const buntdb::error& failure, auto& context) const {
    return std::formatter<std::string_view>::format(buntdb::to_string(failure), context);
  }
};
#endif
