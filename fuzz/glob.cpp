// Reads a pattern and, after a NUL, a text. What the pattern promises about its matches must hold,
// and a text must match itself when it is escaped.
#include "text/glob.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <buntdb/error.hpp>

#include "require.hpp"
#include "two_texts.hpp"

using buntdb::glob;
using buntstore::fuzz::require;

namespace {

std::optional<glob> made(const std::string& pattern) {
  try {
    return glob(pattern);
  } catch (const buntdb::error& refused) {
    require(refused.code() == buntdb::errc::invalid_argument, "refused as something else");
    require(pattern.find('?') != std::string::npos && pattern.size() > glob::max_part_with_any,
            "a pattern is refused that is not long, or has no question mark");
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [pattern, text] = buntstore::fuzz::two_texts(data, size);
  const std::optional<glob> ready = made(pattern);
  if (!ready) return 0;
  const glob& exact = *ready;
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
