#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scs::stores {

/// RFC 4648's base64url, without padding.
std::string to_base64url(std::string_view bytes);

/// Empty unless to_base64url() gives exactly this text for some bytes: there are no two texts for
/// the same bytes, so that a changed text is always noticed.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace scs::stores
