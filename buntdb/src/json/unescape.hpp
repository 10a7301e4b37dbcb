#pragma once

#include <string>
#include <string_view>

namespace buntdb::json {

/// Appends what the inside of a JSON string (quotes left off) says. A surrogate without its other
/// half becomes U+FFFD. What is no JSON ends the text: a control character, an unknown escape.
void unescape(std::string_view inside, std::string& out);

}  // namespace buntdb::json
