#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <buntdb/clock.hpp>

#include "text/spelling.hpp"

/// Members stay in the order in which they were put.
using json = nlohmann::ordered_json;

/// Sets object[name] if the bytes are UTF-8. Sets object[name + "_base64"] if they are not, or if
/// base64 is requested.
void put_bytes(json& object, const std::string& name, std::string_view bytes, spelling how);

/// Returns a text for people, such as a path, in which bytes that are not UTF-8 are written as
/// \xNN.
std::string json_safe(std::string_view text);

/// Returns the JSON text in one line. Characters that a terminal might obey are escaped: control
/// characters, also those outside of ASCII, and characters that change the direction of text.
std::string json_line(const json& value);

/// Returns a time to live for `ttl_ms`: whole milliseconds, rounded down. Null if it is forever.
json ttl_ms(std::chrono::nanoseconds ttl);

/// Returns whole milliseconds since 1970, rounded down. Null for time_point::max(), which never
/// comes.
json unix_ms(buntdb::time_point moment);
