#pragma once

#include <string>
#include <string_view>

namespace scs::detail {

/// Returns a JSON text in which everything that could be a token, by its length and alphabet, is
/// replaced by "(the token)".
std::string without_tokens(std::string_view json);
/// The same for a text in which a backslash has no special meaning.
std::string without_tokens_in_text(std::string_view text);

}  // namespace scs::detail
