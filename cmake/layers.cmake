# Who may include whom: the picture in ARCHITECTURE.md. Read by check_layers.cmake.

# The database: from the public classes down to the operating system.
layers(buntdb/src
  "api: engine index io log memory text tree version"
  "engine: commit index io log memory reclaim spatial storage thread tree version"
  "commit: storage thread tree version"
  "reclaim: index memory tree version"
  "storage: index io log memory tree version"
  "index: log memory order spatial text tree version"
  "version: log memory tree"
  "spatial: memory text tree"
  "tree: memory"
  "memory: thread"
  "thread:"
  "order: json text"
  "json: text"
  "text:"
  "log: io text"
  "io:")

# The parts: the database and the session manager know neither each other nor what is above them.
must_not_include(buntdb "scs/")
must_not_include(scs "buntdb/")
must_not_include(http/include "buntdb/")
