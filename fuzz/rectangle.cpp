// Reads any text as a rectangle. The result is written in a form that is read as the same.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <buntdb/rect.hpp>

#include "require.hpp"

using namespace buntdb;
using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::optional<rect> read = parse_rect(text);
  if (!read) return 0;
  require(read->dimensions() >= 1 && read->dimensions() <= rect::max_dimensions,
          "a rectangle has too many dimensions, or none");
  for (std::size_t i = 0; i < read->dimensions(); ++i)
    require(read->min(i) <= read->max(i), "a rectangle is the wrong way round");
  require(intersects(*read, *read), "a rectangle is not where it is");
  const std::string written = to_text(*read);
  const std::optional<rect> again = parse_rect(written);
  require(again && *again == *read, "a rectangle is written as another one");
  require(to_text(*again) == written, "a rectangle is written otherwise the second time");
  return 0;
}
