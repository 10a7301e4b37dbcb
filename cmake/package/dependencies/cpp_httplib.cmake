# Debian compiled its library with these definitions; the header needs the same ones.
find_path(HTTPLIB_INCLUDE_DIR httplib.h)
find_library(HTTPLIB_LIBRARY cpp-httplib)
set(BUNTSTORE_DEPENDENCY_MISSING "")
if(NOT HTTPLIB_INCLUDE_DIR OR NOT HTTPLIB_LIBRARY)
  set(BUNTSTORE_DEPENDENCY_MISSING "cpp-httplib (libcpp-httplib-dev)")
elseif(NOT TARGET buntstore::cpp_httplib_library)
  add_library(buntstore::cpp_httplib_library INTERFACE IMPORTED)
  set_target_properties(buntstore::cpp_httplib_library PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${HTTPLIB_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${HTTPLIB_LIBRARY};OpenSSL::SSL;Threads::Threads"
    INTERFACE_COMPILE_DEFINITIONS
      "CPPHTTPLIB_OPENSSL_SUPPORT;CPPHTTPLIB_ZLIB_SUPPORT;CPPHTTPLIB_BROTLI_SUPPORT")
endif()
