#pragma once

#include <string>
#include <string_view>

namespace scs::detail {

/// A JSON text in which whatever may be a token is replaced by "(the token)": by length and
/// alphabet, whosever it is.
std::string without_tokens(std::string_view json);
/// The same for a text in which a backslash is a character like others.
std::string without_tokens_in_text(std::string_view text);

}  // namespace scs::detail
