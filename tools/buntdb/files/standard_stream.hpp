#pragma once

/// In the place of a file's name: standard input or output.
inline constexpr const char* standard_stream = "-";
