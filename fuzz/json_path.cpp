// Reads a path and, after a NUL, a text that need not be JSON. The path is refused with the code
// for that, or selects something or nothing, the same each time.
#include <cstddef>
#include <cstdint>
#include <optional>

#include <buntdb/error.hpp>

#include "json/path.hpp"
#include "require.hpp"
#include "two_texts.hpp"

using namespace buntdb;
using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [words, text] = buntstore::fuzz::two_texts(data, size);
  std::optional<json::path> path;
  try {
    path.emplace(words);
  } catch (const error& refused) {
    require(refused.code() == errc::invalid_argument, "a path is refused as something else");
    return 0;
  }
  const json::value found = json::get(text, *path);
  const json::value again = json::get(text, *path);
  require(found.exists() == again.exists() && found.raw() == again.raw(),
          "a path finds something else the second time");
  return 0;
}
