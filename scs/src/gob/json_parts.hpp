#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace scs::gob {

/// Calls take() with the text of each element of an array. Stops when take() returns false. Returns
/// false then, and if the text is not an array.
bool for_each_element(std::string_view json, const std::function<bool(std::string_view)>& take);

/// The same for an object, with key and value.
bool for_each_member(std::string_view json,
                     const std::function<bool(std::string, std::string_view)>& take);

/// Returns whether both texts have the same meaning. The order of members, white space and escapes
/// do not matter. Numbers are the same only if they are written in the same way. `max_depth` bounds
/// the use of the stack: values that are nested more deeply count as different.
bool mean_the_same(std::string_view a, std::string_view b, int max_depth);

}  // namespace scs::gob
