#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gob/input.hpp"

namespace scs::gob {

using type_id = std::int64_t;

// The types that need no definition.
constexpr type_id bool_type = 1;
constexpr type_id int_type = 2;   // for all sizes
constexpr type_id uint_type = 3;  // for all sizes
constexpr type_id float_type = 4;
constexpr type_id bytes_type = 5;
constexpr type_id string_type = 6;
constexpr type_id complex_type = 7;
constexpr type_id interface_type = 8;
constexpr type_id last_basic_type = 63;

enum class kind { array, slice, structure, map, gob_encoder, binary_marshaler, text_marshaler };

struct field {
  std::string_view name{};
  type_id type = 0;
};

/// A type that a stream defines, or that we define in one.
struct type {
  gob::kind kind{};
  std::string_view name{};  // often empty
  type_id key = 0;
  type_id element = 0;
  std::uint64_t length = 0;
  std::vector<field> fields{};
  /// The definition as it is written, without its message's length and id.
  std::string_view definition{};

  bool is_time() const noexcept {
    return (kind == kind::gob_encoder || kind == kind::binary_marshaler) && name == "Time";
  }
};

/// The types of one stream. Its views point into the stream or into the table.
class type_table {
 public:
  /// Reads a definition. Throws scs::error (payload_undecodable).
  void define(input& in, type_id id);

  /// Returns null if there is no such type, or if the type needs no definition.
  const type* find(type_id id) const noexcept;

  // These functions define the type if it does not exist.
  type_id slice_of(type_id element);
  type_id map_of(type_id key, type_id element);
  type_id time();
  type_id structure_of(const std::vector<field>& fields);

  /// Appends the messages that define these types and the types that they consist of.
  void append_definitions(std::string& out, const std::vector<type_id>& used) const;

 private:
  type_id next_id() const noexcept;
  type_id add(type made, std::string definition);
  template <class Predicate>
  std::optional<type_id> find_if(Predicate is_wanted) const;

  std::map<type_id, type> types_{};
  std::forward_list<std::string> definitions_{};  // of the types that we added
};

/// Returns one spelling for a Go type that has several: "[]uint8" for []byte, "interface {}" for
/// any.
std::string normalized_type_name(std::string_view go_name);

/// Returns the type in a stream for the normalized name of a Go type: a basic type, time.Time,
/// time.Duration, interface {}, slices of these, or maps from strings to these. Returns an empty
/// optional for other types.
std::optional<type_id> type_of_go_type(type_table& types, std::string_view go_name);

/// Returns the type name of the elements of a slice or map. Empty if the name does not contain it.
std::string_view element_name(std::string_view go_name) noexcept;

/// Returns the number of bits of a number type. 64 if the name does not contain it.
int number_bits(std::string_view go_name) noexcept;

}  // namespace scs::gob
