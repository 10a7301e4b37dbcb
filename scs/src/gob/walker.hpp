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

/// How deeply values may nest, of which a map of interfaces is three levels: every level takes
/// stack.
constexpr int max_depth = 200;

/// Reads values of a stream and says them in JSON. Fields that a struct's value leaves out are
/// zero, and are said: so a few bytes can mean much text. More than a multiple of the stream is
/// refused. What cannot be read throws scs::error (payload_undecodable).
class walker {
 public:
  /// Appends the JSON to `json`, and the definitions that stand inside of values to `types`.
  walker(input& in, type_table& types, std::string& json);

  /// From now on, values also go there, without the definitions inside of them. Null: nowhere.
  void copy_to(output* copy) noexcept;

  /// `go_name` is the value's type as Go calls it, or empty.
  void take_value(type_id id, std::string_view go_name);
  /// Returns the name of the type that it has; empty for nil.
  std::string_view take_interface();
  /// A map's key. Appends what stands for it in JSON, without quotes or escapes.
  void take_key(type_id id, std::string& text);

  /// What a field of this type is if it is left out.
  void append_zero(type_id id);

 private:
  class nesting;

  void take_basic(type_id id, std::string_view go_name);
  void take_elements(const type& of, std::string_view go_name);
  void take_map(const type& of, std::string_view go_name);
  void take_structure(const type& of);
  void take_opaque(const type& of);
  /// The id of a value; takes the definitions before it.
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
      zero_structures_{};  // that are being written: they do not contain themselves
};

}  // namespace scs::gob
