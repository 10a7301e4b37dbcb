#pragma once

#include <string>
#include <string_view>

#include <buntdb/bounds.hpp>

#include "order/definition.hpp"

namespace buntdb::order {

/// The position of a piece in a sort key.
enum class piece_position { within, last };

/// Appends bytes that compare (as unsigned numbers, a prefix first) as the ordering compares
/// entries. Equal bytes mean that neither entry is less. Unless it is the last piece, no piece is a
/// prefix of another one of the same ordering, so pieces can be concatenated.
///
///     integers           a byte for the sign and the number of bytes, then the significant bytes,
///                        the highest first; of negative ones the complement
///     floats             8 bytes, the highest first, mapped so that negative ones come first;
///                        without zeros at the end if last
///     strings            as they are (folded), NUL as 00 FF, and 00 00 at the end unless last
///     json               a byte for the type, then a number or string as above
///     descending         the same, every bit inverted; strings always with their terminator
///
/// Returns whether the ordering extracted something. Not for custom orderings. If a user-supplied
/// sort key function throws, the exception is passed on, and `out` ends with part of a piece.
bool append_piece(const definition& definition, const entry& of, piece_position position,
                  std::string& out);

/// Does the same for a part that the ordering extracts, instead of for an entry. Returns false if
/// the ordering cannot extract such a part.
bool append_part(const definition& definition, const index_part& part, piece_position position,
                 std::string& out);

/// Appends the bytes with which all pieces begin whose text begins with this part, and no others.
/// Returns false if the part is not a text, or if the ordering does not compare texts byte by byte
/// or letter by letter.
bool append_beginning(const definition& definition, const index_part& part, piece_position position,
                      std::string& out);

}  // namespace buntdb::order
