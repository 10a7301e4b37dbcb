#include "text/json_text.hpp"

#include <buntdb/expiry.hpp>
#include <buntstore/internal/utf8.hpp>

#include "text/base64.hpp"
#include "text/printable.hpp"

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

json ttl_ms(std::chrono::nanoseconds ttl) {
  if (ttl == buntdb::forever) return nullptr;
  return std::chrono::floor<std::chrono::milliseconds>(ttl).count();
}
