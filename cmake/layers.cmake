# Which folder may include which: the layers of ARCHITECTURE.md. Read by check_layers.cmake.

# The database: from the public classes down to the operating system.
layers(buntdb/src
  "api: commit engine index io log memory text tree version"
  "engine: commit index io log memory platform reclaim spatial storage thread tree version"
  "commit: platform storage text thread tree version"
  "reclaim: index memory tree version"
  "storage: index io log memory tree version"
  "index: log memory order spatial text tree version"
  "version: log memory tree"
  "spatial: memory text tree"
  "tree: memory"
  "memory: platform"
  "thread: platform"
  "order: json text"
  "json: text"
  "text:"
  "log: io text"
  "io: platform"
  "platform:"
  "platform/linux: platform"
  "platform/apple: platform")

# The control socket, on the database's public classes alone.
layers(buntdb/control/src PAIRS
  ".: commands resp socket thread"
  "commands:"
  "resp:"
  "socket:"
  "platform/linux: socket"
  "platform/apple: socket"
  "thread:")

# The parts: the database and the session manager include neither each other nor parts above them.
must_not_include(buntdb "scs/")
must_not_include(scs "buntdb/")
must_not_include(http/include "buntdb/")
# Only one store, and the commands for its sessions, include the database.
foreach(store cookie memory moving near_cache postgres redis)
  must_not_include(stores/src/${store} "buntdb/")
endforeach()
# Installed headers include only installed ones.
foreach(part buntdb scs stores http)
  must_not_include(${part}/include "buntstore/internal/")
endforeach()

# The session manager: from the public classes down to folders that include no other.
layers(scs/src PAIRS
  "api: headers manager session"
  "session: basics headers manager payload"
  "manager: basics headers platform"
  "headers:"
  "gob: payload"
  "payload:"
  "basics:"
  "platform:"
  "platform/linux: platform"
  "platform/apple: platform")

# No store includes another one. The code that lists sessions of a database reads the store's format.
layers(stores/src PAIRS
  "session_commands: bunt"
  "bunt:"
  "cookie:"
  "memory:"
  "moving:"
  "near_cache:"
  "postgres: scs_v2"
  "redis: scs_v2 redis/connection redis/protocol redis/routing"
  "redis/routing: redis/connection redis/protocol"
  "redis/connection: redis/protocol"
  "redis/connection/linux: redis/connection"
  "redis/connection/apple: redis/connection"
  "redis/protocol:"
  "scs_v2:")

# The adapters. Options are public, so the details include them, but no other public header.
layers(http/include PAIRS
  "scs/http: scs/http/detail"
  "scs/http/detail: scs/http/failure.hpp scs/http/listener_options.hpp scs/http/listening_socket.hpp")

# The command line tool: from the commands down to texts.
layers(tools/buntdb PAIRS
  ".: command_line output"
  "commands: command_line files help live output sessions text"
  "shell: command_line files help output scans text"
  "watch: command_line live output text"
  "scans: command_line files live output text"
  "sessions: command_line files live output text transfer"
  "transfer: output text"
  "live: command_line output"
  "files: output text"
  "command_line: help output text"
  "help:"
  "output: text"
  "text:")

# The benchmarks. bench/http has separate programs.
layers(bench PAIRS
  ".: contenders harness report workloads"
  "workloads: contenders harness limits report"
  "micro: harness"
  "stores: harness report"
  "report: harness"
  "contenders: harness"
  "limits:"
  "harness:"
  "capacity:"
  "takeover:"
  "sites: harness"
  "http/driver: harness http/load report"
  "http/load: harness report"
  "http/servers:"
  "http/tests: http/load")

at_most_files_in_folders(attacks bench buntdb examples fuzz http scs stores tests tools)
