#pragma once

#include <string>
#include <string_view>

/// Returns a name for the browser that sends this User-Agent: "Firefox on Linux".
/// Browsers imitate each other, so use it only for a list that a person reads.
std::string browser_name(std::string_view user_agent);
