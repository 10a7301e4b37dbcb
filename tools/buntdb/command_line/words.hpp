#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Splits a line of the shell into words at white space, as a POSIX shell does: '…' keeps
/// everything unchanged, "…" everything but backslashes, and a backslash keeps the next character
/// unchanged, except for \xNN (a byte), \n, \r and \t. (Unlike in a POSIX shell, that also holds
/// inside "…", so that what the tool prints can be typed.) Throws usage_error for a quote without
/// its end and an invalid escape.
std::vector<std::string> split_words(std::string_view line);

/// The beginning of a line whose last word is being typed.
struct unfinished_line {
  std::vector<std::string> words;  ///< before the last one
  std::string last;                ///< empty after white space
  std::size_t last_begin = 0;      ///< where it begins, including quotes and backslashes
};
unfinished_line split_unfinished(std::string_view line);

/// Returns one word for these bytes, without quotes, so that the user can continue typing after any
/// part of it.
std::string as_word(std::string_view bytes);
