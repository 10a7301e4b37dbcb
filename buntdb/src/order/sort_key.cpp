#include "order/sort_key.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "text/ascii.hpp"
#include "text/float_text.hpp"
#include "text/integer_text.hpp"

namespace buntdb::order {

namespace {

// The types of JSON in their order. A path that selects nothing comes before null.
enum class json_rank : char { absent = 2, null, false_value, number, string, true_value, nested };

constexpr std::uint64_t high_bit = std::uint64_t{1} << 63U;

/// Appends the lower bytes of a number, the highest first.
void append_bytes(std::uint64_t number, unsigned count, std::string& out) {
  std::array<char, 8> bytes{};
  for (unsigned at = count; at-- > 0; number >>= 8U)
    bytes[at] = static_cast<char>(number & 0xffU);
  out.append(bytes.data(), count);
}

/// Appends a number without leading zeros, after a byte that says how many bytes follow.
void append_unsigned(std::uint64_t number, std::string& out) {
  const unsigned size = (static_cast<unsigned>(std::bit_width(number)) + 7) / 8;
  out.push_back(static_cast<char>(0x80U + size));
  append_bytes(number, size, out);
}

void append_signed(std::int64_t number, std::string& out) {
  if (number >= 0) {
    append_unsigned(static_cast<std::uint64_t>(number), out);
    return;
  }
  const auto bits = static_cast<std::uint64_t>(number);
  const unsigned size = (static_cast<unsigned>(std::bit_width(~bits)) + 7) / 8;
  out.push_back(static_cast<char>(0x7fU - size));
  append_bytes(bits, size, out);
}

/// The last piece has no zeros at its end.
void append_float(double number, piece_position position, std::string& out) {
  std::uint64_t key = 0;  // of NaN
  if (!std::isnan(number)) {
    const auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);  // -0 is 0
    key = (bits & high_bit) != 0 ? ~bits : bits | high_bit;
  }
  append_bytes(key, 8, out);
  if (position == piece_position::within) return;
  for (unsigned zeros = static_cast<unsigned>(std::countr_zero(key)) / 8; zeros != 0; --zeros)
    out.pop_back();
}

/// Terminates the text that was appended since `first`, so that it comes before every longer text
/// that begins with it.
void terminate(std::size_t first, std::string& out) {
  std::size_t from = out.size();
  const auto zeros = static_cast<std::size_t>(
      std::count(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), '\0'));
  std::size_t to = from + zeros;
  out.append(zeros + 2, '\0');
  // Moves each byte once, from the back, until no zeros are left before it.
  while (from != to) {
    const char byte = out[--from];
    if (byte == '\0') out[--to] = '\xff';
    out[--to] = byte;
  }
}

void invert(std::size_t first, std::string& out) {
  std::transform(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                 out.begin() + static_cast<std::ptrdiff_t>(first),
                 [](char c) { return static_cast<char>(~c); });
}

/// Appends the piece of a value or of a string in JSON.
void append_text(const definition& definition, std::string_view text, piece_position position,
                 std::string& out);

void append_json(const definition& definition, std::string_view text, piece_position position,
                 std::string& out) {
  const json::value found = json::get(text, *definition.path);
  const auto append = [&](json_rank rank) { out.push_back(static_cast<char>(rank)); };
  switch (found.type()) {
    case json::type::null:
      append(found.exists() ? json_rank::null : json_rank::absent);
      return;
    case json::type::false_value:
      append(json_rank::false_value);
      return;
    case json::type::true_value:
      append(json_rank::true_value);
      return;
    case json::type::number:
      append(json_rank::number);
      append_float(found.number(), position, out);
      return;
    case json::type::string:
      append(json_rank::string);
      if (found.is_escaped()) {
        append_text(*definition.strings, found.text(), position, out);
      } else {
        append_text(*definition.strings, found.inside(), position, out);
      }
      return;
    case json::type::json: {
      append(json_rank::nested);
      const std::size_t first = out.size();
      out += found.raw();
      if (position == piece_position::within) terminate(first, out);
      return;
    }
  }
}

void append_string(const definition& definition, std::string_view text, piece_position position,
                   std::string& out) {
  const std::size_t first = out.size();
  if (definition.kind == definition_kind::sort_key) {
    definition.sort_key(text, out);
  } else {
    out += text;
  }
  if (definition.kind == definition_kind::string) {
    std::transform(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                   out.begin() + static_cast<std::ptrdiff_t>(first), text::ascii_lower);
  }
  if (position == piece_position::within) terminate(first, out);
}

void append_text(const definition& definition, std::string_view text, piece_position position,
                 std::string& out) {
  const std::size_t first = out.size();
  // After inversion, a prefix must come after the longer text, so the terminator is needed.
  if (definition.descending) position = piece_position::within;
  switch (definition.kind) {
    case definition_kind::string:
    case definition_kind::binary:
    case definition_kind::sort_key:
      append_string(definition, text, position, out);
      break;
    case definition_kind::signed_integer:
      append_signed(text::parse_int(text), out);
      break;
    case definition_kind::unsigned_integer:
      append_unsigned(text::parse_uint(text), out);
      break;
    case definition_kind::floating_point:
      append_float(text::parse_float(text), position, out);
      break;
    case definition_kind::json:
      append_json(definition, text, position, out);
      break;
    case definition_kind::custom:
      break;
  }
  if (definition.descending) invert(first, out);
}

bool orders_text(const definition& definition) noexcept {
  return definition.kind == definition_kind::string || definition.kind == definition_kind::binary;
}

void append_json_part(const definition& definition, const index_part& part, piece_position position,
                      std::string& out) {
  const auto append = [&](json_rank rank) { out.push_back(static_cast<char>(rank)); };
  switch (part.type()) {
    case index_part::kind::text:
      append(json_rank::string);
      append_text(*definition.strings, part.text(), position, out);
      break;
    case index_part::kind::number:
      append(json_rank::number);
      append_float(part.number(), position, out);
      break;
    case index_part::kind::boolean:
      append(part.number() != 0 ? json_rank::true_value : json_rank::false_value);
      break;
    case index_part::kind::null:
      append(json_rank::null);
      break;
  }
}

}  // namespace

bool append_part(const definition& definition, const index_part& part, piece_position position,
                 std::string& out) {
  if (definition.kind != definition_kind::json) {
    const bool is_text = part.type() == index_part::kind::text;
    if (!is_text && part.type() != index_part::kind::number) return false;
    append_text(definition, part.text(), position, out);
    return true;
  }
  const std::size_t first = out.size();
  if (definition.descending) position = piece_position::within;
  append_json_part(definition, part, position, out);
  if (definition.descending) invert(first, out);
  return true;
}

bool append_beginning(const definition& definition, const index_part& part, piece_position position,
                      std::string& out) {
  const bool is_json = definition.kind == definition_kind::json;
  const order::definition& strings = is_json ? *definition.strings : definition;
  if (part.type() != index_part::kind::text || !orders_text(strings)) return false;
  if (!append_part(definition, part, position, out)) return false;
  constexpr std::size_t end_size = 2;
  const bool has_end =
      position == piece_position::within || definition.descending || strings.descending;
  if (has_end) out.resize(out.size() - end_size);
  return true;
}

bool append_piece(const definition& definition, const entry& of, piece_position position,
                  std::string& out) {
  const auto subject = subject_of(definition, of);
  const std::size_t first = out.size();
  append_text(definition, subject.value_or(std::string_view()), position, out);
  if (!subject) return false;
  if (definition.kind != definition_kind::json) return true;
  const auto absent = static_cast<char>(json_rank::absent);
  return out[first] != (definition.descending ? static_cast<char>(~absent) : absent);
}

}  // namespace buntdb::order
