#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "gob/input.hpp"
#include "gob/output.hpp"
#include "gob/types.hpp"

namespace scs::gob {

/// How deeply values may be nested. A map of interfaces takes three levels. Each level uses stack.
constexpr int max_depth = 200;

/// Reads values of a stream and writes them as JSON. A struct's value omits fields that are zero,
/// but the JSON contains them, so that a few bytes may become much text. Text that exceeds a
/// multiple of the stream's size is refused. Input that cannot be read throws scs::error
/// (payload_undecodable).
class walker {
 public:
  /// Appends the JSON to `json`, and the definitions inside of values to `types`.
  walker(input& in, type_table& types, std::string& json);

  /// From now on, values are also copied there, without the definitions inside of them. Null: no
  /// copy is made.
  void copy_to(output* copy) noexcept;

  /// Reads a value. `go_name` is its type's name in Go, or empty.
  void take_value(type_id id, std::string_view go_name);
  /// Reads an interface value. Returns the name of its type, which is empty for nil.
  std::string_view take_interface();
  /// Reads a map's key. Appends its text in JSON, without quotes or escapes.
  void take_key(type_id id, std::string& text);

  /// Appends the value of an omitted field of this type.
  void append_zero(type_id id);

 private:
  class nesting;

  void take_basic(type_id id, std::string_view go_name);
  void take_elements(const type& of, std::string_view go_name);
  void take_map(const type& of, std::string_view go_name);
  void take_structure(const type& of);
  void take_opaque(const type& of);
  /// Reads the type id of a value and the definitions before it.
  type_id take_type();
  void append_bool(bool value) { json_ += value ? "true" : "false"; }
  void append_float(double value, bool is_single);
  void append_string(std::string_view bytes);
  void append_base64(std::string_view bytes);
  void append_zero_structure(const type& of);
  const type& defined(type_id id) const;

  input& in_;
  type_table& types_;
  std::string& json_;
  output* copy_ = nullptr;
  const std::size_t max_json_size_;
  int depth_ = 0;
  std::set<const type*>
      zero_structures_{};  // being written now, to find structs that contain themselves
};

}  // namespace scs::gob
