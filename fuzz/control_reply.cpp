// Parses any bytes as a control socket's answer to the tool. They are refused, or result in values,
// which are the same in whatever pieces the bytes arrive.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "live/reply_parser.hpp"
#include "require.hpp"

using buntstore::fuzz::require;

namespace {

bool operator==(const reply& a, const reply& b) {
  return a.type == b.type && a.text == b.text && a.integer == b.integer &&
         a.elements.size() == b.elements.size() &&
         std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(),
                    [](const reply& x, const reply& y) { return x == y; });
}

std::vector<reply> values_in(std::string_view bytes, std::size_t piece) {
  reply_parser parser;
  std::vector<reply> found;
  try {
    while (!bytes.empty()) {
      std::string_view input = bytes.substr(0, piece);
      bytes.remove_prefix(input.size());
      while (!input.empty())
        if (auto value = parser.take(input)) found.push_back(std::move(*value));
    }
  } catch (const bad_reply&) {  // values before this count
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<reply> whole = values_in(bytes, bytes.size());
  const std::vector<reply> pieces = values_in(bytes, 1);
  require(whole.size() == pieces.size() &&
              std::equal(whole.begin(), whole.end(), pieces.begin(),
                         [](const reply& a, const reply& b) { return a == b; }),
          "pieces make another value");
  return 0;
}
