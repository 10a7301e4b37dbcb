# The toolchain of the preset arm64: Debian's cross compiler, and QEMU, which runs the tests.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
# Debian keeps libraries for several processors in one tree. Libraries for this machine must not be used
# for the other one.
set(CMAKE_IGNORE_PATH /usr/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu/cmake)

# This lists everything that is left out, with the reason. QEMU runs one program. If that one starts
# another program, it must be one for this machine.
#
# Not built, whatever is installed:
# - redis, postgres: their tests start servers, and follow them in /proc.
# - httplib, beast, restinio, and the quickstart and the demo, whose tests start them: to need no
#   further packages for ARM64. The adapter for any HTTP library is there.
# - the tool buntdb: its tests start it (without libedit it is not built).
# - the attacks that FORK, which start themselves: kill, compaction_kill, full_disk, soak, strace and
#   two_processes (attacks/CMakeLists.txt).
set(HIREDIS_INCLUDE_DIR OFF CACHE PATH "")
set(CMAKE_DISABLE_FIND_PACKAGE_PostgreSQL ON)
set(HTTPLIB_INCLUDE_DIR OFF CACHE PATH "")
set(BOOST_BEAST_INCLUDE_DIR OFF CACHE PATH "")
set(RESTINIO_INCLUDE_DIR OFF CACHE PATH "")
set(DROGON_INCLUDE_DIR OFF CACHE PATH "")
set(LIBEDIT_INCLUDE_DIR OFF CACHE PATH "")

# Tests that are not run, because QEMU does not emulate something:
set(BUNTSTORE_TESTS_LEFT_OUT
  # setrlimit(RLIMIT_AS) has no effect.
  large_open.fails_cleanly_where_memory_is_short)
