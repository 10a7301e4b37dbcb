#pragma once

#include <string>
#include <string_view>

namespace scs {

/// Appends a JSON string as Go's encoding/json writes it: besides what JSON asks for, <, >, &,
/// U+2028 and U+2029 are escaped. Throws scs::error (invalid_value) unless the text is UTF-8.
void append_json_string(std::string& out, std::string_view utf8);

}  // namespace scs
