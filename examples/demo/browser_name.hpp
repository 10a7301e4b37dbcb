#pragma once

#include <string>
#include <string_view>

/// What a person calls the browser that sends this User-Agent: "Firefox on Linux".
/// Browsers claim to be each other, so this is good for a list that a person reads,
/// and for nothing else.
std::string browser_name(std::string_view user_agent);
