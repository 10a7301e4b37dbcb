# The toolchain of the preset arm64: Debian's cross compiler, and an emulator that runs the tests.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
# Debian keeps libraries for several processors in one tree: what is for this machine must not be
# found in its place.
set(CMAKE_IGNORE_PATH /usr/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu/cmake /usr/lib/x86_64-linux-gnu/pkgconfig)

# Not built, whatever is installed, because an emulator is not suited for their tests:
# - redis, postgres: their tests need servers, which cannot be started from inside the emulator.
# - httplib, beast, restinio, the examples and the demo: their tests are end to end, against a clock.
# - the tool buntdb: its tests start it as a child, which the emulator does not follow.
set(HIREDIS_INCLUDE_DIR OFF CACHE PATH "")
set(CMAKE_DISABLE_FIND_PACKAGE_PostgreSQL ON)
set(HTTPLIB_INCLUDE_DIR OFF CACHE PATH "")
set(BOOST_BEAST_INCLUDE_DIR OFF CACHE PATH "")
set(RESTINIO_INCLUDE_DIR OFF CACHE PATH "")
set(LIBEDIT_INCLUDE_DIR OFF CACHE PATH "")
