#include "gob/value_writer.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <scs/value.hpp>

#include "gob/json_parts.hpp"
#include "gob/parts.hpp"
#include "gob/time.hpp"
#include "gob/walker.hpp"

namespace scs::gob {

namespace {

/// The default Go type of a value. Empty for null, for an object, and for an array whose elements
/// are not all of one of Go's basic types.
std::string_view scalar_name(std::string_view json) {
  switch (json.front()) {
    case '"':
      return "string";
    case 't':
    case 'f':
      return "bool";
    case '{':
    case '[':
    case 'n':
      return {};
    default:
      if (detail::integer_of_json(json)) return "int64";
      return detail::unsigned_of_json(json) ? "uint64" : "float64";
  }
}

/// Returns the name of the slice of one basic type that can hold the array, such as "[]string".
/// Empty if there is none.
std::string slice_name(std::string_view json) {
  std::string name;
  for_each_element(json, [&](std::string_view element) {
    const std::string_view here = scalar_name(element);
    const bool mixes_numbers =
        (name == "int64" && here == "float64") || (name == "float64" && here == "int64");
    if (name.empty()) {
      name = here.empty() ? "interface {}" : here;
    } else if (mixes_numbers) {
      name = "float64";
    } else if (name != here) {
      name = "interface {}";
    }
    return true;
  });
  // Go knows []string without registration.
  return "[]" + (name.empty() ? "string" : name);
}

std::optional<double> float_of_json(std::string_view json) {
  if (json == R"("NaN")") return std::numeric_limits<double>::quiet_NaN();
  if (json == R"("+Inf")") return std::numeric_limits<double>::infinity();
  if (json == R"("-Inf")") return -std::numeric_limits<double>::infinity();
  return detail::double_of_json(json);
}

}  // namespace

/// Increments the nesting depth during its life.
class value_writer::nesting {
 public:
  explicit nesting(value_writer& of) noexcept : depth_(of.depth_) { ++depth_; }
  ~nesting() { --depth_; }
  nesting(const nesting&) = delete;
  nesting& operator=(const nesting&) = delete;

  bool is_too_deep() const noexcept { return depth_ > max_depth; }

 private:
  int& depth_;
};

bool value_writer::write(std::string_view json, std::string_view go_name, const old_value* old) {
  if (go_name.empty() || json == "null") return write_interface(json, old);
  const std::optional<type_id> id = type_of_go_type(types_, go_name);
  return id && write_as(json, *id, go_name, nullptr);
}

bool value_writer::write_interface(std::string_view json, const old_value* old) {
  if (json == "null") {
    append_bytes(out_.bytes(), {});
    return true;
  }
  if (old != nullptr && old->json != "null" && write_like(json, *old)) return true;
  return write_by_itself(json);
}

bool value_writer::write_like(std::string_view json, const old_value& old) {
  const opened_interface opened = open_interface(types_, old);
  return write_as(json, opened.id, opened.go_name, &opened.inner);
}

bool value_writer::write_by_itself(std::string_view json) {
  std::string name{scalar_name(json)};
  if (name.empty()) name = json.front() == '{' ? "map[string]interface {}" : slice_name(json);
  return write_as(json, *type_of_go_type(types_, name), name, nullptr);
}

bool value_writer::write_as(std::string_view json, type_id id, std::string_view go_name,
                            const old_value* old) {
  const output::mark before = out_.position();
  append_bytes(out_.bytes(), go_name);
  out_.append_type(id);
  const std::size_t opened = out_.open_length();
  const type* of = types_.find(id);
  if (of == nullptr || of->kind != kind::structure) append_uint(out_.bytes(), 0);
  const bool done = write_value(json, id, go_name, old);
  if (done) {
    out_.close_length(opened);
  } else {
    out_.roll_back(before);
  }
  return done;
}

bool value_writer::write_value(std::string_view json, type_id id, std::string_view go_name,
                               const old_value* old) {
  const nesting level{*this};
  if (level.is_too_deep()) return false;
  if (old != nullptr && mean_the_same(old->json, json, max_depth)) {
    copy(*old);
    return true;
  }
  if (id == interface_type) return write_interface(json, old);
  const type* of = types_.find(id);
  if (of == nullptr) return write_basic(json, id, go_name);
  switch (of->kind) {
    case kind::array:
    case kind::slice:
      return write_elements(json, *of, go_name, old);
    case kind::map:
      return write_map(json, *of, go_name, old);
    case kind::structure:
      return write_structure(json, *of, old);
    default:
      return write_opaque(json, *of);
  }
}

void value_writer::copy(const old_value& old) {
  out_.bytes() += old.bytes;
  out_.add_used_types(old.used_types);
}

bool value_writer::write_basic(std::string_view json, type_id id, std::string_view go_name) {
  switch (id) {
    case bool_type:
      if (json != "true" && json != "false") return false;
      append_uint(out_.bytes(), json == "true" ? 1 : 0);
      return true;
    case int_type:
    case uint_type:
      return write_integer(json, id, go_name);
    case float_type:
      return write_float(json, number_bits(go_name) == 32);
    case complex_type:
      return write_complex(json, number_bits(go_name) == 32);
    case bytes_type: {
      const std::optional<bytes> value = detail::bytes_of_json(json);
      if (!value) return false;
      append_bytes(out_.bytes(), {reinterpret_cast<const char*>(value->data()), value->size()});
      return true;
    }
    case string_type: {
      const std::optional<std::string> value = detail::string_of_json(json);
      if (!value) return false;
      append_bytes(out_.bytes(), *value);
      return true;
    }
    default:
      return false;
  }
}

bool value_writer::write_integer(std::string_view json, type_id id, std::string_view go_name) {
  const int bits = number_bits(go_name);
  if (id == uint_type) {
    const std::optional<std::uint64_t> value = detail::unsigned_of_json(json);
    if (!value || (bits < 64 && *value >> bits != 0)) return false;
    append_uint(out_.bytes(), *value);
    return true;
  }
  const std::optional<std::int64_t> value = detail::integer_of_json(json);
  if (!value || (bits < 64 && *value >> (bits - 1) != 0 && *value >> (bits - 1) != -1)) {
    return false;
  }
  append_int(out_.bytes(), *value);
  return true;
}

bool value_writer::write_float(std::string_view json, bool is_single) {
  std::optional<double> value = float_of_json(json);
  if (!value) return false;
  if (is_single && std::isfinite(*value)) {
    if (std::abs(*value) > std::numeric_limits<float>::max()) return false;
    value = static_cast<float>(*value);
  }
  append_float(out_.bytes(), *value);
  return true;
}

bool value_writer::write_complex(std::string_view json, bool is_single) {
  int count = 0;
  return for_each_element(json,
                          [&](std::string_view element) {
                            return ++count <= 2 && write_float(element, is_single);
                          }) &&
         count == 2;
}

bool value_writer::write_elements(std::string_view json, const type& of, std::string_view go_name,
                                  const old_value* old) {
  std::size_t count = 0;
  if (!for_each_element(json, [&](std::string_view) { return ++count != 0; })) return false;
  if (of.kind == kind::array && count != of.length) return false;
  const std::vector<old_value> before = elements_of(types_, of, old);
  append_uint(out_.bytes(), count);
  std::size_t index = 0;
  return for_each_element(json, [&](std::string_view element) {
    const old_value* there = index < before.size() ? &before[index] : nullptr;
    ++index;
    return write_value(element, of.element, element_name(go_name), there);
  });
}

bool value_writer::write_map(std::string_view json, const type& of, std::string_view go_name,
                             const old_value* old) {
  std::map<std::string, std::string_view> members;  // if a key occurs twice, the last value
  const bool is_object = for_each_member(json, [&](std::string key, std::string_view value) {
    members.insert_or_assign(std::move(key), value);
    return true;
  });
  if (!is_object) return false;
  const std::map<std::string, old_member> before = members_of(types_, of, old);
  append_uint(out_.bytes(), members.size());
  for (const auto& [key, value] : members) {
    const auto there = before.find(key);
    const bool is_there = there != before.end();
    if (is_there && of.key != interface_type) {
      out_.bytes() += there->second.key;
    } else if (!write_key(key, of.key)) {
      return false;
    }
    if (!write_value(value, of.element, element_name(go_name),
                     is_there ? &there->second.value : nullptr)) {
      return false;
    }
  }
  return true;
}

bool value_writer::write_key(std::string_view key, type_id id) {
  if (id == string_type) {
    append_bytes(out_.bytes(), key);
    return true;
  }
  return (id == int_type || id == uint_type || id == bool_type) && write_basic(key, id, {});
}

bool value_writer::write_structure(std::string_view json, const type& of, const old_value* old) {
  std::map<std::string, std::string_view> members;
  const bool is_object = for_each_member(json, [&](std::string key, std::string_view value) {
    members.insert_or_assign(std::move(key), value);
    return true;
  });
  if (!is_object) return false;
  const std::map<std::size_t, old_value> before = fields_of(types_, of, old);
  std::size_t last = 0;  // the number of the last field written, plus one
  for (std::size_t i = 0; i < of.fields.size(); ++i) {
    const auto member = members.extract(std::string{of.fields[i].name});
    const auto there = before.find(i);
    const bool is_there = there != before.end();
    // Omit nil and zero values. A struct that was present is not nil.
    if (member.empty() || member.mapped() == "null") continue;
    const bool is_structure = is_there && there->second.json.starts_with('{');
    if (!is_structure && mean_the_same(member.mapped(), zero_of(of.fields[i].type), max_depth)) {
      continue;
    }
    append_uint(out_.bytes(), i + 1 - last);
    last = i + 1;
    if (!write_value(member.mapped(), of.fields[i].type, {}, is_there ? &there->second : nullptr)) {
      return false;
    }
  }
  append_uint(out_.bytes(), 0);
  return members.empty();  // what remains has no field
}

std::string value_writer::zero_of(type_id id) {
  std::string json;
  input nothing{{}};
  walker{nothing, types_, json}.append_zero(id);
  return json;
}

bool value_writer::write_opaque(std::string_view json, const type& of) {
  if (of.is_time()) {
    const std::optional<go_time> moment = time_of_json(json);
    if (moment) append_bytes(out_.bytes(), write_time(*moment));
    return moment.has_value();
  }
  if (of.kind == kind::text_marshaler) return write_basic(json, string_type, {});
  return false;
}

}  // namespace scs::gob
