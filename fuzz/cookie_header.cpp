// Reads any bytes as the Cookie lines of a request, where a line feed begins the next line. The
// result has only values that a cookie may have, inside the lines, and no more candidates than the
// limit.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headers/cookie.hpp"
#include "require.hpp"

using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  std::size_t found = 0;
  scs::for_each_cookie(lines, "session", [&](std::string_view value) {
    for (const char byte : value)
      require(scs::is_cookie_value_byte(byte), "a value has a byte that no cookie may have");
    require(value.empty() || (value.data() >= text.data() &&
                              value.data() + value.size() <= text.data() + text.size()),
            "a value lies outside of the header");
    ++found;
    return true;
  });
  const scs::token_candidates candidates = scs::find_tokens(lines, "session");
  require(candidates.count <= scs::token_candidates::max_count && candidates.count <= found,
          "there are more candidates than cookies");
  for (std::size_t i = 0; i < candidates.count; ++i)
    require(candidates.tokens[i].has_value(), "a candidate is none");
  return 0;
}
