# Requirements on the compiler and its standard library, checked here instead of in the middle of a
# build.

include(CheckCXXSourceCompiles)

# libc++ supports this since version 20, libstdc++ since 11. This is only compiled, not linked, because
# the flags of a build may not link.
block()
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
check_cxx_source_compiles([[
#include <charconv>
int main() {
  double value = 0;
  const char text[] = "1.5";
  return static_cast<int>(std::from_chars(text, text + 3, value, std::chars_format::general).ec);
}
]] BUNTSTORE_FROM_CHARS_READS_FLOATS)
endblock()
if(NOT BUNTSTORE_FROM_CHARS_READS_FLOATS)
  unset(BUNTSTORE_FROM_CHARS_READS_FLOATS CACHE)  # asked again once there is another library
  message(FATAL_ERROR "buntstore needs a standard library whose std::from_chars reads floating-point "
    "numbers in C++20: libstdc++ 11 or newer, or libc++ 20 or newer. "
    "The one of ${CMAKE_CXX_COMPILER} does not.")
endif()
