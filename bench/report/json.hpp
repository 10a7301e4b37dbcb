#pragma once

#include <string>
#include <vector>

#include <rapidjson/ostreamwrapper.h>
#include <rapidjson/prettywriter.h>

#include "harness/machine.hpp"
#include "harness/results.hpp"

namespace bench {

using json_writer = rapidjson::PrettyWriter<rapidjson::OStreamWrapper>;

/// Members of the object that is being written.
void put(json_writer& out, const char* name, const std::string& value);
void put(json_writer& out, const char* name, const facts& all);
void put(json_writer& out, const char* name, const std::vector<double>& values);

/// An element of the array that is being written.
void put(json_writer& out, const series& one);

}  // namespace bench
