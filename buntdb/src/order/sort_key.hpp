#pragma once

#include <string>
#include <string_view>

#include <buntdb/bounds.hpp>

#include "order/definition.hpp"

namespace buntdb::order {

/// Where a piece stands in a sort key.
enum class piece_position { within, last };

/// Appends bytes that compare, as unsigned numbers and a beginning before what it begins, as the
/// ordering compares entries; equal bytes mean that neither is less. Unless it is the last one, no
/// piece is the beginning of another of the same ordering, so that they can be put one after the
/// other.
///
///     integers           a byte for the sign and how many follow, then those that count, the
///                        highest first; of negative ones the complement
///     floats             8 bytes, the highest first, shifted so that negative ones come first;
///                        without zeros at the end if last
///     strings            as they are (folded), NUL as 00 FF, and 00 00 at the end unless last
///     json               a byte for the type, then a number or string as above
///     descending         the same, every bit inverted; strings always with their end
///
/// Returns whether the ordering found something to look at. Not for custom orderings. What the
/// user's sort key function throws goes through; out then ends with a part of a piece.
bool append_piece(const definition& definition, const entry& of, piece_position position,
                  std::string& out);

/// The same for what the ordering finds, instead of for an entry. Returns false if it finds no such
/// thing.
bool append_part(const definition& definition, const index_part& part, piece_position position,
                 std::string& out);

/// The bytes that all pieces begin with whose text begins like that, and no others. Returns false
/// if the part is no text, or the ordering orders no texts byte by byte or letter by letter.
bool append_beginning(const definition& definition, const index_part& part, piece_position position,
                      std::string& out);

}  // namespace buntdb::order
