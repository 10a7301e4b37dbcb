#pragma once

#include <string>

#include <scs/options.hpp>

namespace scs::detail {

/// Returns the options with defaults filled in. Throws scs::error (invalid_options), whose message
/// names the wrong option.
session_options checked_options(session_options options);

/// Throws scs::error (invalid_options).
[[noreturn]] void refuse_options(const std::string& why);

}  // namespace scs::detail
