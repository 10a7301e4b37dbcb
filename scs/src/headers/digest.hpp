#pragma once

#include <string>
#include <string_view>

namespace scs::detail {

/// Returns the SHA-256 of a text in base64url without padding: 43 characters. Throws scs::error
/// (crypto_failed).
std::string base64url_sha256(std::string_view text);

}  // namespace scs::detail
