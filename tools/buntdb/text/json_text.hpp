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

/// object[name] if the bytes are UTF-8, object[name + "_base64"] if they are not, or if base64 is
/// asked for.
void put_bytes(json& object, const std::string& name, std::string_view bytes, spelling how);

/// Text for people, such as a path: what is not UTF-8 as \xNN.
std::string json_safe(std::string_view text);

/// The JSON text of one line. What a terminal may obey instead of showing it is escaped: control
/// characters beyond ASCII too, and what changes the direction of text.
std::string json_line(const json& value);

/// A time to live as `ttl_ms` has it: whole milliseconds, rounded down; null if it is forever.
json ttl_ms(std::chrono::nanoseconds ttl);

/// Whole milliseconds since 1970, rounded down; null for time_point::max(), which is never.
json unix_ms(buntdb::time_point moment);
