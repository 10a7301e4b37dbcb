#pragma once

#include <iosfwd>
#include <string>

#include "engine/core.hpp"
#include "io/file_system.hpp"

namespace buntdb::engine {

// The implementation of database::save() and database::load().

void save(core& core, std::ostream& out);
void save(core& core, io::file_system& files, const std::string& path);
void load(core& core, std::istream& in);
void load(core& core, io::file_system& files, const std::string& path);

}  // namespace buntdb::engine
