#pragma once

#include <string>
#include <string_view>

namespace buntdb::json {

/// Appends the content of a JSON string, given without its quotes, with its escapes resolved. A
/// surrogate without its other half becomes U+FFFD. A control character or an unknown escape, which
/// JSON does not allow, ends the text.
void unescape(std::string_view inside, std::string& out);

}  // namespace buntdb::json
