#pragma once

#include <chrono>
#include <string>

#include <scs/clock.hpp>

/// "a moment", "12 seconds", "3 minutes", "1 hour", "2 days".
std::string in_words(std::chrono::nanoseconds duration);

/// The same followed by "ago".
std::string ago(scs::time_point when);

/// In the format of HTML's <time>: 2030-01-02T03:04:05Z.
std::string iso(scs::time_point when);
