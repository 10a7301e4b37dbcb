#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace scs::gob {

/// Calls take() with the text of each element of an array. False if it is no array, or take()
/// returned false, which ends it.
bool for_each_element(std::string_view json, const std::function<bool(std::string_view)>& take);

/// The same for an object, with key and value.
bool for_each_member(std::string_view json,
                     const std::function<bool(std::string, std::string_view)>& take);

/// Whether both texts mean the same; the order of members, white space and escapes mean nothing. A
/// number is the same if it is written in the same way. `max_depth` bounds the stack that it takes:
/// what nests more deeply is different.
bool mean_the_same(std::string_view a, std::string_view b, int max_depth);

}  // namespace scs::gob
