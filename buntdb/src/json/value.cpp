#include "json/value.hpp"

#include <array>
#include <charconv>
#include <cstdlib>

#include "json/unescape.hpp"
#include "text/number.hpp"

namespace buntdb::json {

namespace {

type type_of(std::string_view raw) noexcept {
  switch (raw.empty() ? '\0' : raw.front()) {
    case '"':
      return type::string;
    case '{':
    case '[':
      return type::json;
    case 't':
      return type::true_;
    case 'f':
      return type::false_;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return type::number;
    default:
      return type::null;
  }
}

bool is_plain_integer(std::string_view raw) noexcept {
  if (raw.starts_with('-')) raw.remove_prefix(1);
  return raw.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The shortest decimals that mean this number, without an exponent. (std::chars_format::fixed
/// would give a large number's exact digits, of which there are more.)
void append_plain(double number, std::string& out) {
  std::array<char, 40> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                     std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  if (e == std::string_view::npos) {  // infinite
    out += number < 0 ? "-Inf" : "+Inf";
    return;
  }
  const long exponent = std::strtol(text.data() + e + 1, nullptr, 10);
  text = text.substr(0, e);
  if (text.starts_with('-')) {
    out.push_back('-');
    text.remove_prefix(1);
  }
  std::string digits(1, text.front());
  if (text.size() > 2) digits += text.substr(2);
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out += digits;
    return;
  }
  const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out += digits;
    out.append(whole - digits.size(), '0');
  } else {
    out.append(digits, 0, whole);
    out.push_back('.');
    out.append(digits, whole);
  }
}

}  // namespace

value::value(std::string_view raw) noexcept
    : part_(raw), exists_(!raw.empty()), type_(type_of(raw)) {}

value value::made(std::string raw) {
  value made;
  made.type_ = type_of(raw);
  made.exists_ = !raw.empty();
  made.is_made_ = true;
  made.made_ = std::move(raw);
  return made;
}

double value::number() const {
  return type_ == type::number ? text::parse_float(raw()) : 0;
}

std::string_view value::inside() const noexcept {
  if (type_ != type::string) return {};
  std::string_view inside = raw().substr(1);
  if (inside.ends_with('"')) inside.remove_suffix(1);
  return inside;
}

bool value::is_escaped() const noexcept {
  return inside().find('\\') != std::string_view::npos;
}

void value::append_text(std::string& out) const {
  switch (type_) {
    case type::null:
      return;
    case type::false_:
      out += "false";
      return;
    case type::true_:
      out += "true";
      return;
    case type::string:
      if (is_escaped()) {
        unescape(inside(), out);
      } else {
        out += inside();
      }
      return;
    case type::number:
      if (!is_plain_integer(raw())) {
        append_plain(number(), out);
        return;
      }
      [[fallthrough]];
    case type::json:
      out += raw();
      return;
  }
}

std::string value::text() const {
  std::string text;
  append_text(text);
  return text;
}

}  // namespace buntdb::json
