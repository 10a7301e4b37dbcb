#pragma once

#include <string>

#include <scs/options.hpp>

namespace scs::detail {

/// The options with what was left out filled in. Throws scs::error (invalid_options), naming the
/// option at fault.
session_options checked_options(session_options options);

/// Throws scs::error (invalid_options).
[[noreturn]] void refuse_options(const std::string& why);

}  // namespace scs::detail
