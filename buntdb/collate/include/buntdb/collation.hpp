#pragma once

/// Orderings by the rules of a language, in the target buntstore::collate, which needs ICU.

#include <string>
#include <string_view>
#include <vector>

#include <buntdb/ordering.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// By value, as text in a language: a name or a BCP 47 tag, and suffixes, in any case.
///
///     by_collation("FRENCH")           by_collation("fr")           by_collation("GERMAN_CI_NUM")
///     by_collation("CANADIANFRENCH")   by_collation("zh-Hans") by_collation("de-u-co-phonebk")
///
/// | suffix  | what it does                                                        |
/// |---------|---------------------------------------------------------------------|
/// | `CI`    | upper and lower case are the same                                   |
/// | `CS`    | they are not; the default                                           |
/// | `LOOSE` | accents are the same, too: only the letters count                   |
/// | `NUM`   | digits are compared as numbers: item2 comes before item12           |
///
/// The sort key is computed once for an item, when it is set. Bytes that are no UTF-8 count as
/// U+FFFD. The order is that of the ICU this runs with; indexes are built at each opening, so that
/// another version does no harm. Throws errc::invalid_argument if the name means nothing.
ordering by_collation(std::string_view name);

/// By what a path selects in a value that is JSON, as by_json(), with its strings in that order.
/// Throws errc::invalid_argument, naming the position, if the path is malformed, too.
ordering by_collation_json(std::string_view path, std::string_view name);

/// The names of languages that by_collation() takes besides tags, in alphabetical order.
std::vector<std::string> collation_languages();

}  // namespace buntdb
