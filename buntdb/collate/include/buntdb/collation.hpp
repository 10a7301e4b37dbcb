#pragma once

/// Orderings by the rules of a language. They are in the target buntstore::collate, which needs
/// ICU.

#include <string>
#include <string_view>
#include <vector>

#include <buntdb/ordering.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// Orders by value, as text in a language. The name is a language's name or a BCP 47 tag, followed
/// by suffixes. It may be in upper or lower case.
///
///     by_collation("FRENCH")           by_collation("fr")
///     by_collation("CANADIANFRENCH")   by_collation("zh-Hans")
///     by_collation("GERMAN_CI_NUM")    by_collation("de-u-co-phonebk")
///
/// | suffix  | meaning                                                             |
/// |---------|---------------------------------------------------------------------|
/// | `CI`    | ignore upper and lower case                                         |
/// | `CS`    | distinguish upper and lower case; the default                       |
/// | `LOOSE` | ignore accents, too: only the letters count                         |
/// | `NUM`   | compare digits as numbers: item2 comes before item12                |
///
/// The sort key is computed once for each item, when it is set. Bytes that are not UTF-8 count as
/// U+FFFD. The order is that of the ICU version in use. Indexes are built at each open, so a
/// different version does no harm. Throws errc::invalid_argument if the name is unknown.
ordering by_collation(std::string_view name);

/// Orders by what a path selects in a JSON value, like by_json(), with strings in the order of
/// by_collation(name). Throws errc::invalid_argument if the name is unknown, or, with the position
/// in the message, if the path is malformed.
ordering by_collation_json(std::string_view path, std::string_view name);

/// Returns the names of languages that by_collation() accepts besides tags, in alphabetical order.
std::vector<std::string> collation_languages();

}  // namespace buntdb
