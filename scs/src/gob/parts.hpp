#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gob/old_value.hpp"
#include "gob/types.hpp"

namespace scs::gob {

/// An element of a map that was there before.
struct old_member {
  std::string key{};  // as Go has it
  old_value value{};
};

// What an old value of a type that consists of others consists of. None for other types, and where
// there is no old value.

/// By the key as it is shown.
std::map<std::string, old_member> members_of(type_table& types, const type& of,
                                             const old_value* old);
std::vector<old_value> elements_of(type_table& types, const type& of, const old_value* old);
/// By the field's number; those which were left out are not there.
std::map<std::size_t, old_value> fields_of(type_table& types, const type& of, const old_value* old);

/// An interface value's type and what is after it, of a value that is not nil.
struct opened_interface {
  std::string_view go_name{};
  type_id id = 0;
  old_value inner{};
};
opened_interface open_interface(const type_table& types, const old_value& old);

}  // namespace scs::gob
