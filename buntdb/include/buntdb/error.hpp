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

/// The errors of this library. Errors of the operating system keep their std::errc codes.
enum class errc {
  /// The file is not a database: it does not begin like one.
  not_a_database = 1,
  /// The file is damaged in a part that was known to be on disk, or in a way that no power cut
  /// explains. Nothing was changed. The message names the offset.
  corrupt,
  /// Another process, or another handle in this process, has the database open.
  locked,
  /// The key begins with the bytes NUL "bunt:", which are reserved for the file format.
  reserved_key,
  /// The key or the value is longer than the documented limit; see limits.hpp.
  too_large,
  /// The thread that already has a transaction called begin() or update(): it would wait for
  /// itself.
  nested_transaction,
  /// The transaction has ended, or an exception during one of its changes made it unusable.
  transaction_ended,
  /// The database was closed, or the process inherited its handle through fork().
  closed,
  /// An earlier write or sync failed, so that further writes would be unsafe. Reads still work.
  writes_stopped,
  /// The database was opened read-only.
  read_only,
  /// The options contradict each other or are out of range.
  invalid_argument,
  /// An index of that name exists already.
  index_exists,
  /// There is no index of that name.
  index_not_found,
  /// A spatial index was used as an ordered one, or an ordered one as a spatial one.
  wrong_index_kind,
  /// Another program removed, replaced, cut or wrote to the file while the database had it open.
  /// Thrown once, to the call that detected it, and reported as an event. Later writes throw
  /// `writes_stopped` with the same text.
  file_lost,
  /// compact() or save() gave the new file its name, but the folder could not be synced. Until the
  /// system has synced it, a power cut may bring the old file back.
  name_not_durable,
  /// The database holds as much memory as settings::max_memory_bytes permits. Nothing has changed.
  /// Reads, erasures, expiry and sets with set_options::beyond_limit still work.
  full,
  /// A unique index (index_options::unique) already contains an item that its orderings consider
  /// equal to this one. The message names both keys. Nothing has changed.
  not_unique,
  /// get<Value>() found the item, but its value is not of that type.
  wrong_type,
};

/// Returns the name of the enumerator, such as "not_unique".
std::string_view to_string(errc code) noexcept;
/// Writes the name of the enumerator.
std::ostream& operator<<(std::ostream& out, errc code);

/// Returns the category of errc. Its name is "buntdb".
const std::error_category& error_category() noexcept;

/// Makes an error code of the category error_category().
inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// Returns whether the code is this errc. Categories are compared by name, while the standard
/// compares them by address. So `e.code() == errc::too_large` is also true for an error from
/// another copy of this library in the process, such as one inside a plugin.
bool operator==(const std::error_code& code, errc value) noexcept;

/// The exception that every failure of this library throws. code() is a buntdb::errc or the
/// operating system's error. what() is a sentence that you can act on: the file, the offset, the
/// cause.
class error : public std::system_error {
 public:
  /// In what(), control characters, characters that change the direction of text, and bytes that
  /// are not UTF-8 are written as `\xNN`, because a message may quote keys, values and file names.
  /// If the code is not an errc, the system's description of it follows the message.
  error(std::error_code code, const std::string& message);
  /// Makes an error with this library's code.
  error(errc code, const std::string& message) : error(make_error_code(code), message) {}

  /// Returns the escaped message. It is valid as long as this object.
  const char* what() const noexcept override;

 private:
  std::runtime_error message_;  // copying it cannot throw
};

/// Writes the name of the code, a colon, and what(): `full: the database has …`.
std::ostream& operator<<(std::ostream& out, const error& failure);
/// Returns the same text.
std::string to_string(const error& failure);

}  // namespace buntdb

/// Lets an errc be converted to a std::error_code.
template <>
struct std::is_error_code_enum<buntdb::errc> : std::true_type {};

#ifdef __cpp_lib_format
/// Formats the name of the enumerator.
template <>
struct std::formatter<buntdb::errc> : std::formatter<std::string_view> {
  auto format(buntdb::errc code, auto& context) const {
    return std::formatter<std::string_view>::format(buntdb::to_string(code), context);
  }
};

/// Formats what to_string() returns.
template <>
struct std::formatter<buntdb::error> : std::formatter<std::string_view> {
  auto format(const buntdb::error& failure, auto& context) const {
    return std::formatter<std::string_view>::format(buntdb::to_string(failure), context);
  }
};
#endif
