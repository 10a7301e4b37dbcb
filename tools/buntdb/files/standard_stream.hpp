#pragma once

/// Used in place of a file's name: standard input or output.
inline constexpr const char* standard_stream = "-";
