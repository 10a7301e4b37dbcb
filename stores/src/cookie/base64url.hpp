#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scs::stores {

/// Encodes bytes in base64url (RFC 4648) without padding.
std::string to_base64url(std::string_view bytes);

/// Returns an empty optional unless to_base64url() returns exactly this text for some bytes. No two
/// texts stand for the same bytes, so that every change of a text is detected.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace scs::stores
