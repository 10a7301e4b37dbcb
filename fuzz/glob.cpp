// A pattern and, behind a NUL, a text: what the pattern promises of its matches holds, and a text
// matches itself when it is escaped.
#include "text/glob.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "require.hpp"
#include "two_texts.hpp"

using buntdb::glob;
using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [pattern, text] = buntstore::fuzz::two_texts(data, size);
  const glob exact(pattern);
  const bool matches = exact.matches(text);
  require(!matches || text.starts_with(exact.literal_prefix()), "a match without the prefix");
  require(!exact.is_literal() || matches == (text == exact.literal_prefix()),
          "a literal matches something else");
  require(!exact.matches_everything() || matches, "not everything matches");
  static_cast<void>(glob(pattern, glob::letter_case::ignored).matches(text));

  std::string escaped;
  for (const char byte : text) {
    if (byte == '*' || byte == '?' || byte == '\\') escaped += '\\';
    escaped += byte;
  }
  require(glob(escaped).matches(text), "a text does not match itself");
  require(glob(escaped + '*').matches(text), "a text does not match its own beginning");
  require(glob('*' + escaped).matches(text), "a text does not match its own end");
  return 0;
}
