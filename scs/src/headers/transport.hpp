#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scs/options.hpp>

#include "headers/cookie.hpp"

namespace scs {

/// The request headers that may hold a token, whose values find_tokens() or find_header_tokens()
/// is to get.
std::vector<std::string> request_headers(const session_options& options);

/// The tokens in the values of these headers: a token alone, or behind `Bearer` in any letter case.
token_candidates find_header_tokens(std::span<const std::string_view> values);

/// Throws scs::error (invalid_options), naming the field.
void validate_transport(const header_transport& transport);

}  // namespace scs
