# Of a project that has a target httplib::httplib, or sets BUNTSTORE_HTTPLIB_INCLUDE_DIR, its own one.
include("${CMAKE_CURRENT_LIST_DIR}/find_cpp_httplib.cmake")
set(BUNTSTORE_DEPENDENCY_MISSING "")
if(NOT TARGET buntstore::cpp_httplib_library)
  buntstore_find_cpp_httplib()
  if(BUNTSTORE_HTTPLIB_FOUND)
    add_library(buntstore::cpp_httplib_library INTERFACE IMPORTED)
    set_target_properties(buntstore::cpp_httplib_library PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${BUNTSTORE_HTTPLIB_INCLUDE}"
      INTERFACE_LINK_LIBRARIES "${BUNTSTORE_HTTPLIB_LINK}"
      INTERFACE_COMPILE_DEFINITIONS "${BUNTSTORE_HTTPLIB_DEFINITIONS}")
  else()
    set(BUNTSTORE_DEPENDENCY_MISSING "${BUNTSTORE_HTTPLIB_MISSING}")
  endif()
endif()
