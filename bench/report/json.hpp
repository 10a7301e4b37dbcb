#pragma once

#include <string>
#include <vector>

#include <rapidjson/ostreamwrapper.h>
#include <rapidjson/prettywriter.h>

#include "harness/machine.hpp"
#include "harness/results.hpp"

namespace bench {

using json_writer = rapidjson::PrettyWriter<rapidjson::OStreamWrapper>;

/// Writes members of the present object.
void put(json_writer& out, const char* name, const std::string& value);
void put(json_writer& out, const char* name, const facts& all);
void put(json_writer& out, const char* name, const std::vector<double>& values);

/// Writes an element of the present array.
void put(json_writer& out, const series& one);

}  // namespace bench
