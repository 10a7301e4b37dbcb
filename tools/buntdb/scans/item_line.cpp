#include "scans/item_line.hpp"

#include <array>
#include <charconv>

#include "text/base64.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

/// Returns the number with the fewest digits that read back as the same number.
std::string number_text(double number) {
  std::array<char, 400> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  return {text.data(), end.ptr};
}

}  // namespace

std::string item_line(const common_options& common, std::string_view key, std::string_view value,
                      std::optional<double> squared_distance) {
  if (common.json) {
    json object;
    put_bytes(object, "key", key, common.bytes());
    put_bytes(object, "value", value, common.bytes());
    if (squared_distance) object["squared_distance"] = *squared_distance;
    return json_line(object);
  }
  const auto text = [&](std::string_view bytes) {
    return common.base64 ? to_base64(bytes) : printable(bytes);
  };
  std::string line = squared_distance ? number_text(*squared_distance) + "\t" : std::string();
  line += text(key);
  line += "\t";
  return line += text(value);
}
