#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gob/old_value.hpp"
#include "gob/output.hpp"
#include "gob/types.hpp"

namespace scs::gob {

/// Writes JSON as values of Go. Unchanged parts are copied, even inside of a changed value. Changed
/// values keep their type if possible.
class value_writer {
 public:
  value_writer(type_table& types, output& out) noexcept : types_(types), out_(out) {}

  /// Writes an interface value. Its type is `go_name`, a normalized name that type_of_go_type()
  /// supports, if that is not empty. Otherwise it is the type of `old`, an interface value. If
  /// `old` has none, or the value is not of that type, it is the default type of the value. Returns
  /// false, and writes nothing, if the value cannot be a `go_name` or is nested too deeply.
  bool write(std::string_view json, std::string_view go_name, const old_value* old);

 private:
  class nesting;

  bool write_as(std::string_view json, type_id id, std::string_view go_name, const old_value* old);
  bool write_like(std::string_view json, const old_value& old);
  bool write_by_itself(std::string_view json);
  bool write_interface(std::string_view json, const old_value* old);

  /// Writes a value of this type. Returns false if the value is not of the type. Anything may have
  /// been written then.
  bool write_value(std::string_view json, type_id id, std::string_view go_name,
                   const old_value* old);
  bool write_basic(std::string_view json, type_id id, std::string_view go_name);
  bool write_integer(std::string_view json, type_id id, std::string_view go_name);
  bool write_float(std::string_view json, bool is_single);
  bool write_complex(std::string_view json, bool is_single);
  bool write_elements(std::string_view json, const type& of, std::string_view go_name,
                      const old_value* old);
  bool write_map(std::string_view json, const type& of, std::string_view go_name,
                 const old_value* old);
  bool write_key(std::string_view key, type_id id);
  bool write_structure(std::string_view json, const type& of, const old_value* old);
  bool write_opaque(std::string_view json, const type& of);
  void copy(const old_value& old);
  std::string zero_of(type_id id);

  type_table& types_;
  output& out_;
  int depth_ = 0;
};

}  // namespace scs::gob
