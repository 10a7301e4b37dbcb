#include <algorithm>

#include <scs/store/watermark.hpp>
#include <scs/token.hpp>

#include "headers/digest.hpp"

namespace scs {

// A short name is used as it is. A store can then make the id from the name, and hashing would take
// longer than the lookup.
bool has_plain_watermark_id(std::string_view user) noexcept {
  constexpr char first_printable = 0x20;
  constexpr char delete_character = 0x7F;
  return user.size() <= session_id::max_size - plain_watermark_prefix.size() &&
         std::none_of(user.begin(), user.end(), [](char c) {
           return static_cast<unsigned char>(c) < first_printable || c == delete_character;
         });
}

// The two kinds of ids differ in their third character.
session_id watermark_id(std::string_view user) {
  std::string text;
  if (has_plain_watermark_id(user)) {
    text.append(plain_watermark_prefix).append(user);
  } else {
    text.append(reserved_id_prefix).append(1, '#').append(detail::base64url_sha256(user));
  }
  return session_id::from_text(text);
}

}  // namespace scs
