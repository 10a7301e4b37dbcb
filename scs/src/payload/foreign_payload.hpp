#pragma once

#include <string_view>

namespace scs::detail {

/// What to say to somebody whose codec cannot read the payload but another one probably can: the
/// rest of a sentence, empty if nothing is known.
std::string_view hint_for_json_codec(std::string_view payload) noexcept;
std::string_view hint_for_gob_codec(std::string_view payload) noexcept;

}  // namespace scs::detail
