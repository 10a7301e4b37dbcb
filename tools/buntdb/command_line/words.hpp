#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// A line of the shell as words, which white space divides, as in a POSIX shell: '…' takes
/// everything as it is, "…" all but a backslash, and a backslash takes the next character as it is,
/// except \xNN (a byte), \n, \r and \t. (Unlike there, inside "…" too: what the tool prints can be
/// typed.) Throws usage_error for a quote without its end and an escape that is none.
std::vector<std::string> split_words(std::string_view line);

/// The beginning of a line, of which the last word is being typed.
struct unfinished_line {
  std::vector<std::string> words;  ///< before the last
  std::string last;                ///< empty behind white space
  std::size_t last_begin = 0;      ///< where it begins, quotes and backslashes included
};
unfinished_line split_unfinished(std::string_view line);

/// One word that means these bytes, without quotes, so that any beginning of it can be typed on.
std::string as_word(std::string_view bytes);
