#include "text/json_text.hpp"

#include <buntdb/expiry.hpp>
#include <buntstore/internal/hex.hpp>
#include <buntstore/internal/printable.hpp>
#include <buntstore/internal/utf8.hpp>

#include "text/base64.hpp"
#include "text/printable.hpp"

namespace {

/// Appends one code unit of UTF-16.
void append_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  buntstore::text::append_hex(out, static_cast<unsigned char>(unit >> 8U));
  buntstore::text::append_hex(out, static_cast<unsigned char>(unit & 0xFFU));
}

void append_unicode_escape(std::string& out, std::uint32_t code) {
  if (code < 0x10000) {
    append_unit(out, code);
    return;
  }
  append_unit(out, 0xD800 + ((code - 0x10000) >> 10U));
  append_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FFU));
}

}  // namespace

void put_bytes(json& object, const std::string& name, std::string_view bytes, spelling how) {
  if (how == spelling::as_they_are && buntstore::text::is_utf8(bytes)) {
    object[name] = bytes;
  } else {
    object[name + "_base64"] = to_base64(bytes);
  }
}

std::string json_safe(std::string_view text) {
  return buntstore::text::is_utf8(text) ? std::string(text) : printable(text);
}

std::string json_line(const json& value) {
  std::string line;
  // All of it is UTF-8, and special characters can only occur in strings.
  buntstore::text::divide_printable(
      value.dump(), [&](std::string_view plain) { line += plain; },
      [&](std::string_view special) {
        append_unicode_escape(line, buntstore::text::code_point(special));
      });
  return line;
}

json ttl_ms(std::chrono::nanoseconds ttl) {
  if (ttl == buntdb::forever) return nullptr;
  return std::chrono::floor<std::chrono::milliseconds>(ttl).count();
}

json unix_ms(buntdb::time_point moment) {
  if (moment == buntdb::time_point::max()) return nullptr;
  return std::chrono::floor<std::chrono::milliseconds>(moment).time_since_epoch().count();
}
