// Reads any bytes as a line of the tool's shell. The line is refused, or split into words. The
// bytes are also written as one word, in a form that is read as the same, and in characters that no
// terminal obeys.
#include <cstddef>
#include <cstdint>
#include <string>

#include <buntstore/internal/printable.hpp>

#include "command_line/words.hpp"
#include "output/exit_status.hpp"
#include "require.hpp"

using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    split_words(text);
  } catch (const usage_error&) {  // unclosed quote
  }
  const unfinished_line typed = split_unfinished(text);
  require(typed.last_begin <= text.size(), "a word begins after the line");
  const std::string word = as_word(text);
  require(buntstore::text::escaped(word) == word, "a word commands the terminal");
  const auto words = split_words(word);
  require(words.size() == 1 && words[0] == text, "a word is read as something else");
  return 0;
}
