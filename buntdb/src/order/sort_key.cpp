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

// The types of JSON in their order; a path that selects nothing comes before null.
enum class json_rank : char { absent = 1, null, false_value, number, string, true_value, nested };

constexpr std::uint64_t high_bit = std::uint64_t{1} << 63U;

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 8> bytes{};
  for (std::size_t at = bytes.size(); at-- > 0; number >>= 8U) {
    bytes[at] = static_cast<char>(number & 0xffU);
  }
  out.append(bytes.data(), bytes.size());
}

void append_float(double number, std::string& out) {
  if (std::isnan(number)) {
    append_number(0, out);
    return;
  }
  const auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);  // -0 is 0
  append_number((bits & high_bit) != 0 ? ~bits : bits | high_bit, out);
}

/// Gives the text that was appended since `first` an end that comes before every continuation.
void terminate(std::size_t first, std::string& out) {
  for (std::size_t at = out.find('\0', first); at != std::string::npos;
       at = out.find('\0', at + 2)) {
    out.insert(at + 1, 1, '\xff');
  }
  out.append(2, '\0');
}

/// Of a value or a string in JSON.
void append_text(const definition& definition, std::string_view text, place place,
                 std::string& out);

void append_json(const definition& definition, std::string_view text, place place,
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
      append_float(found.number(), out);
      return;
    case json::type::string:
      append(json_rank::string);
      if (found.is_escaped()) {
        append_text(*definition.strings, found.text(), place, out);
      } else {
        append_text(*definition.strings, found.inside(), place, out);
      }
      return;
    case json::type::json: {
      append(json_rank::nested);
      const std::size_t first = out.size();
      out += found.raw();
      if (place == place::within) terminate(first, out);
      return;
    }
  }
}

void append_string(const definition& definition, std::string_view text, place place,
                   std::string& out) {
  const std::size_t first = out.size();
  if (definition.what == definition::kind::sort_key) {
    definition.sort_key(text, out);
  } else {
    out += text;
  }
  if (definition.what == definition::kind::string) {
    std::transform(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                   out.begin() + static_cast<std::ptrdiff_t>(first), text::ascii_lower);
  }
  if (place == place::within) terminate(first, out);
}

void append_text(const definition& definition, std::string_view text, place place,
                 std::string& out) {
  const std::size_t first = out.size();
  // Inverted, a beginning must come behind what it begins: its end has to be there.
  if (definition.descending) place = place::within;
  switch (definition.what) {
    case definition::kind::string:
    case definition::kind::binary:
    case definition::kind::sort_key:
      append_string(definition, text, place, out);
      break;
    case definition::kind::signed_integer:
      append_number(static_cast<std::uint64_t>(text::parse_int(text)) ^ high_bit, out);
      break;
    case definition::kind::unsigned_integer:
      append_number(text::parse_uint(text), out);
      break;
    case definition::kind::floating_point:
      append_float(text::parse_float(text), out);
      break;
    case definition::kind::json:
      append_json(definition, text, place, out);
      break;
    case definition::kind::custom:
      break;
  }
  if (definition.descending) {
    std::transform(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                   out.begin() + static_cast<std::ptrdiff_t>(first),
                   [](char c) { return static_cast<char>(~c); });
  }
}

}  // namespace

bool append_piece(const definition& definition, const entry& of, place place, std::string& out) {
  const auto subject = subject_of(definition, of);
  const std::size_t first = out.size();
  append_text(definition, subject.value_or(std::string_view()), place, out);
  if (!subject) return false;
  if (definition.what != definition::kind::json) return true;
  const auto absent = static_cast<char>(json_rank::absent);
  return out[first] != (definition.descending ? static_cast<char>(~absent) : absent);
}

}  // namespace buntdb::order
