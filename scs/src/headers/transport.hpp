#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scs/options.hpp>

#include "headers/cookie.hpp"

namespace scs {

/// Returns the names of the request headers that may contain a token. Pass their values to
/// find_tokens() or find_header_tokens().
std::vector<std::string> request_headers(const session_options& options);

/// Returns the tokens in the values of these headers: a token alone, or after `Bearer` in any
/// letter case.
token_candidates find_header_tokens(std::span<const std::string_view> values);

/// Throws scs::error (invalid_options), whose message names the option.
void validate_transport(const header_transport& transport);

}  // namespace scs
