#pragma once

#include <string_view>

namespace scs::detail {

/// Returns a hint for an error text if a codec cannot read the payload but another one probably
/// can. It is the rest of a sentence, and empty if nothing is known.
std::string_view hint_for_json_codec(std::string_view payload) noexcept;
std::string_view hint_for_gob_codec(std::string_view payload) noexcept;

}  // namespace scs::detail
