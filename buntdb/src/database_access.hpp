#pragma once

#include <memory>

#include <buntdb/database.hpp>

namespace buntdb::engine {

class core;

/// Makes a database of an engine with another file system or without its background thread: the
/// tests' way in.
struct database_access {
  static database make(std::unique_ptr<core> core);
};

}  // namespace buntdb::engine
