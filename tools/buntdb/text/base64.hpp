#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Standard base64 (RFC 4648, section 4), with padding.
std::string to_base64(std::string_view bytes);

/// Empty if it is not base64: other characters, missing or misplaced padding, bits left over.
/// Line ends are skipped, as `base64` breaks its lines.
std::optional<std::string> from_base64(std::string_view text);
