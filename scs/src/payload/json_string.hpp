#pragma once

#include <string>
#include <string_view>

namespace scs {

/// Appends a JSON string as Go's encoding/json writes it: <, >, &, U+2028 and U+2029 are escaped in
/// addition to what JSON requires. Throws scs::error (invalid_value) unless the text is UTF-8.
void append_json_string(std::string& out, std::string_view utf8);

}  // namespace scs
