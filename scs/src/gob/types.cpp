#include "gob/types.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "gob/output.hpp"

namespace scs::gob {

namespace {

// A definition is a struct with one field, whose number says the kind of the type.
constexpr std::size_t kind_count = 7;
constexpr std::array<kind, kind_count> kinds{kind::array,         kind::slice,
                                             kind::structure,     kind::map,
                                             kind::gob_encoder,   kind::binary_marshaler,
                                             kind::text_marshaler};

/// Reads a struct. take(number) must read a field's value.
template <class Take>
void take_struct(input& in, std::size_t field_count, Take take) {
  std::int64_t number = -1;
  while (in.take_field(number, field_count))
    take(number);
}

std::string_view take_common(input& in) {
  std::string_view name;
  take_struct(in, 2, [&](std::int64_t number) {
    if (number == 0) {
      name = in.take_bytes();
    } else {
      in.take_int();  // repeats the type's id
    }
  });
  return name;
}

field take_struct_field(input& in) {
  field taken;
  take_struct(in, 2, [&](std::int64_t number) {
    if (number == 0) {
      taken.name = in.take_bytes();
    } else {
      taken.type = in.take_type_id();
    }
  });
  if (taken.type <= 0) in.fail("a field without a type");
  return taken;
}

/// Reads one field of the struct that defines a type. The first field is the same for all kinds.
void take_property(input& in, type& out, std::int64_t number) {
  if (number == 0) {
    out.name = take_common(in);
  } else if (out.kind == kind::structure) {
    const std::size_t count = in.take_count(3);
    for (std::size_t i = 0; i < count; ++i)
      out.fields.push_back(take_struct_field(in));
  } else if (out.kind == kind::map && number == 1) {
    out.key = in.take_type_id();
  } else if (out.kind == kind::array && number == 2) {
    const std::int64_t length = in.take_int();
    if (length < 0) in.fail("an array of a negative length");
    out.length = static_cast<std::uint64_t>(length);
  } else {
    out.element = in.take_type_id();
  }
}

std::size_t property_count(kind of) noexcept {
  switch (of) {
    case kind::array:
    case kind::map:
      return 3;
    case kind::slice:
    case kind::structure:
      return 2;
    default:
      return 1;
  }
}

constexpr std::string_view struct_end{"\0", 1};

/// Starts a definition with the struct `{name, id}` that all kinds have in common.
std::string definition_head(kind of, type_id id, std::string_view name) {
  std::string out;
  append_uint(out, static_cast<std::uint64_t>(of) + 1);
  append_uint(out, 1);
  append_uint(out, name.empty() ? 2 : 1);
  if (!name.empty()) {
    append_bytes(out, name);
    append_uint(out, 1);
  }
  append_int(out, id);
  return out += struct_end;
}

void append_property(std::string& out, type_id id) {
  append_uint(out, 1);
  append_int(out, id);
}

struct named_type {
  std::string_view name;
  type_id id;
  int bits = 64;
};

constexpr std::array<named_type, 21> basic_types{{
    {"bool", bool_type},
    {"int", int_type},
    {"int8", int_type, 8},
    {"int16", int_type, 16},
    {"int32", int_type, 32},
    {"int64", int_type},
    {"uint", uint_type},
    {"uint8", uint_type, 8},
    {"uint16", uint_type, 16},
    {"uint32", uint_type, 32},
    {"uint64", uint_type},
    {"uintptr", uint_type},
    {"float32", float_type, 32},
    {"float64", float_type},
    {"complex64", complex_type, 32},
    {"complex128", complex_type},
    {"string", string_type},
    {"[]uint8", bytes_type},
    {"interface {}", interface_type},
    {"time.Duration", int_type},
    {"time.Month", int_type},
}};

const named_type* find_basic(std::string_view name) noexcept {
  const auto* found = std::find_if(basic_types.begin(), basic_types.end(),
                                   [&](const named_type& each) { return each.name == name; });
  return found == basic_types.end() ? nullptr : found;
}

constexpr std::string_view slice_prefix = "[]";
constexpr std::string_view map_prefix = "map[string]";

}  // namespace

void type_table::define(input& in, type_id id) {
  if (id <= last_basic_type) in.fail("a definition of a basic type");
  type read;
  const std::size_t begin = in.position();
  bool has_kind = false;
  take_struct(in, kind_count, [&](std::int64_t number) {
    if (std::exchange(has_kind, true)) in.fail("a type of two kinds");
    read.kind = kinds.at(static_cast<std::size_t>(number));
    take_struct(in, property_count(read.kind),
                [&](std::int64_t property) { take_property(in, read, property); });
  });
  const bool has_elements =
      read.kind == kind::array || read.kind == kind::slice || read.kind == kind::map;
  if (!has_kind || (has_elements && read.element <= 0) ||
      (read.kind == kind::map && read.key <= 0)) {
    in.fail("an incomplete definition of a type");
  }
  read.definition = in.between(begin, in.position());
  if (!types_.emplace(id, std::move(read)).second) in.fail("a second definition of a type");
}

const type* type_table::find(type_id id) const noexcept {
  const auto found = types_.find(id);
  return found == types_.end() ? nullptr : &found->second;
}

template <class Predicate>
std::optional<type_id> type_table::find_if(Predicate is_wanted) const {
  for (const auto& [id, each] : types_) {
    if (is_wanted(each)) return id;
  }
  return std::nullopt;
}

/// Adds a type under the next id, for which the definition must have been made.
type_id type_table::add(type made, std::string definition) {
  const type_id id = next_id();
  made.definition = definitions_.emplace_front(std::move(definition));
  types_.emplace(id, std::move(made));
  return id;
}

type_id type_table::next_id() const noexcept {
  type_id id = last_basic_type + 2;  // the first id that Go uses
  for (auto at = types_.lower_bound(id); at != types_.end() && at->first == id; ++at)
    ++id;
  return id;
}

type_id type_table::slice_of(type_id element) {
  const auto found = find_if(
      [&](const type& each) { return each.kind == kind::slice && each.element == element; });
  if (found) return *found;
  std::string definition = definition_head(kind::slice, next_id(), {});
  append_property(definition, element);
  definition.append(2, '\0');
  return add({.kind = kind::slice, .element = element}, std::move(definition));
}

type_id type_table::map_of(type_id key, type_id element) {
  const auto found = find_if([&](const type& each) {
    return each.kind == kind::map && each.key == key && each.element == element;
  });
  if (found) return *found;
  std::string definition = definition_head(kind::map, next_id(), {});
  append_property(definition, key);
  append_property(definition, element);
  definition.append(2, '\0');
  return add({.kind = kind::map, .key = key, .element = element}, std::move(definition));
}

type_id type_table::time() {
  const auto found = find_if([](const type& each) { return each.is_time(); });
  if (found) return *found;
  std::string definition = definition_head(kind::gob_encoder, next_id(), "Time");
  definition.append(2, '\0');
  return add({.kind = kind::gob_encoder, .name = "Time"}, std::move(definition));
}

type_id type_table::structure_of(const std::vector<field>& fields) {
  const auto same = [](const field& a, const field& b) {
    return a.name == b.name && a.type == b.type;
  };
  const auto found = find_if([&](const type& each) {
    return each.kind == kind::structure &&
           std::equal(each.fields.begin(), each.fields.end(), fields.begin(), fields.end(), same);
  });
  if (found) return *found;
  std::string definition = definition_head(kind::structure, next_id(), {});
  append_uint(definition, 1);
  append_uint(definition, fields.size());
  for (const field& each : fields) {
    append_uint(definition, 1);
    append_bytes(definition, each.name);
    append_property(definition, each.type);
    definition += struct_end;
  }
  definition.append(2, '\0');
  return add({.kind = kind::structure, .fields = fields}, std::move(definition));
}

void type_table::append_definitions(std::string& out, const std::vector<type_id>& used) const {
  std::set<type_id> wanted;
  std::vector<type_id> waiting = used;
  while (!waiting.empty()) {
    const type_id id = waiting.back();
    waiting.pop_back();
    const type* found = find(id);
    if (found == nullptr || !wanted.insert(id).second) continue;
    waiting.push_back(found->key);
    waiting.push_back(found->element);
    for (const field& each : found->fields)
      waiting.push_back(each.type);
  }
  for (const type_id id : wanted) {
    std::string message;
    append_int(message, -id);
    message += find(id)->definition;
    append_bytes(out, message);
  }
}

std::string normalized_type_name(std::string_view go_name) {
  for (const std::string_view prefix : {slice_prefix, map_prefix}) {
    if (!go_name.starts_with(prefix)) continue;
    return std::string{prefix} + normalized_type_name(go_name.substr(prefix.size()));
  }
  if (go_name == "byte") return "uint8";
  if (go_name == "rune") return "int32";
  if (go_name == "any" || go_name == "interface{}") return "interface {}";
  return std::string{go_name};
}

std::optional<type_id> type_of_go_type(type_table& types, std::string_view go_name) {
  if (const named_type* basic = find_basic(go_name)) return basic->id;
  if (go_name == "time.Time") return types.time();
  const std::string_view name = element_name(go_name);
  if (name.empty()) return std::nullopt;
  const std::optional<type_id> element = type_of_go_type(types, name);
  if (!element) return std::nullopt;
  return go_name.starts_with(slice_prefix) ? types.slice_of(*element)
                                           : types.map_of(string_type, *element);
}

std::string_view element_name(std::string_view go_name) noexcept {
  for (const std::string_view prefix : {slice_prefix, map_prefix}) {
    if (go_name.starts_with(prefix)) return go_name.substr(prefix.size());
  }
  return {};
}

int number_bits(std::string_view go_name) noexcept {
  const named_type* basic = find_basic(go_name);
  return basic == nullptr ? 64 : basic->bits;
}

}  // namespace scs::gob
