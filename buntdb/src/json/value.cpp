#include "json/value.hpp"

#include "json/unescape.hpp"
#include "text/float_text.hpp"

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
      return type::true_value;
    case 'f':
      return type::false_value;
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
    case type::false_value:
      out += "false";
      return;
    case type::true_value:
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
        text::append_float(out, number());
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
