#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Encodes in base64 (RFC 4648, section 4), with padding.
std::string to_base64(std::string_view bytes);

/// Returns an empty optional if the text is not base64: other characters, missing or misplaced
/// padding, leftover bits. Line ends are skipped, because `base64` breaks its lines.
std::optional<std::string> from_base64(std::string_view text);
