#pragma once

#include <string>
#include <string_view>

namespace scs::detail {

/// A JSON text, or a text without backslashes, in which whatever may be a token is replaced by
/// "(the token)": by length and alphabet, whosever it is.
std::string without_tokens(std::string_view json);

}  // namespace scs::detail
