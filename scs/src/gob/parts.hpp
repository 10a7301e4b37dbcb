#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gob/old_value.hpp"
#include "gob/types.hpp"

namespace scs::gob {

/// An element of a map that was in the session before.
struct old_member {
  std::string key{};  // as it is in Go
  old_value value{};
};

// These functions return the parts of an old value of a composite type. They return nothing for
// other types and if there is no old value.

/// The members by their keys as JSON shows them.
std::map<std::string, old_member> members_of(type_table& types, const type& of,
                                             const old_value* old);
std::vector<old_value> elements_of(type_table& types, const type& of, const old_value* old);
/// The fields by their numbers, without those that were omitted.
std::map<std::size_t, old_value> fields_of(type_table& types, const type& of, const old_value* old);

/// The type of an interface value that is not nil, and what follows the type.
struct opened_interface {
  std::string_view go_name{};
  type_id id = 0;
  old_value inner{};
};
opened_interface open_interface(const type_table& types, const old_value& old);

}  // namespace scs::gob
