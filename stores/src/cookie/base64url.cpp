#include "cookie/base64url.hpp"

#include <iterator>

#include <buntstore/internal/base64.hpp>

namespace scs::stores {

namespace base64 = buntstore::base64;

std::string to_base64url(std::string_view bytes) {
  std::string text;
  text.reserve(base64::digit_count(bytes.size()));
  base64::encode(bytes, base64::url_alphabet, std::back_inserter(text));
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  if (base64::decode(text, base64::url_digits, bytes) != 0U) return std::nullopt;
  return bytes;
}

}  // namespace scs::stores
