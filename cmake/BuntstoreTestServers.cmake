# The servers that tests and bench_stores start, as libraries: buntstore_redis_server (with Sentinel)
# and buntstore_postgres_server (with PgBouncer). Each is made where its client library is found.

include(BuntstoreTestTools)
file(GLOB postgres_folders /usr/lib/postgresql/*/bin)
# -D REDIS_SERVER=valkey-server runs the tests with Valkey, whose commands are the same.
buntstore_find_test_tool(REDIS_SERVER redis-server redis-server)
buntstore_find_test_tool(POSTGRES_SERVER postgres postgresql ${postgres_folders})
buntstore_find_test_tool(PGBOUNCER pgbouncer pgbouncer /usr/sbin)
cmake_path(GET POSTGRES_SERVER PARENT_PATH postgres_folder)

# buntstore_server(NAME SOURCES … LINK …)
function(buntstore_server name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  list(TRANSFORM ARG_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/tests/)
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${ARG_SOURCES})
  target_include_directories(${name}
    PUBLIC ${PROJECT_SOURCE_DIR}/tests/servers ${PROJECT_SOURCE_DIR}/tests/support)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  target_compile_features(${name} PUBLIC cxx_std_20)
  buntstore_warnings(${name})
endfunction()

buntstore_server(buntstore_test_process SOURCES servers/tcp_proxy.cpp support/process.cpp)
buntstore_server(buntstore_test_certificates SOURCES servers/certificates.cpp LINK OpenSSL::Crypto)
if(TARGET buntstore_hiredis)
  buntstore_server(buntstore_redis_server
    SOURCES servers/redis_sentinels.cpp servers/redis_server.cpp
    LINK buntstore_test_process buntstore_test_certificates buntstore_hiredis)
  target_compile_definitions(buntstore_redis_server PRIVATE REDIS_PROGRAM="${REDIS_SERVER}")
endif()
if(TARGET PostgreSQL::PostgreSQL)
  buntstore_server(buntstore_postgres_server
    SOURCES servers/postgres_server.cpp servers/transaction_pooler.cpp
    LINK buntstore_test_process buntstore_test_certificates PostgreSQL::PostgreSQL)
  target_compile_definitions(buntstore_postgres_server
    PRIVATE POSTGRES_BIN_DIR="${postgres_folder}" PGBOUNCER="${PGBOUNCER}")
endif()
