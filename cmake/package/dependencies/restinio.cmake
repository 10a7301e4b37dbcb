# After boost_beast: RESTinio uses Boost's Asio here, for which the adapter was compiled.
find_path(RESTINIO_INCLUDE_DIR restinio/all.hpp)
find_library(HTTP_PARSER_LIBRARY http_parser)
find_package(fmt QUIET)
set(BUNTSTORE_DEPENDENCY_MISSING "")
if(NOT RESTINIO_INCLUDE_DIR OR NOT HTTP_PARSER_LIBRARY OR NOT TARGET fmt::fmt)
  set(BUNTSTORE_DEPENDENCY_MISSING "RESTinio (librestinio-dev)")
elseif(NOT TARGET buntstore::restinio_library)
  add_library(buntstore::restinio_library INTERFACE IMPORTED)
  set_target_properties(buntstore::restinio_library PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${RESTINIO_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "buntstore::boost_beast_library;fmt::fmt;${HTTP_PARSER_LIBRARY}"
    INTERFACE_COMPILE_DEFINITIONS RESTINIO_USE_BOOST_ASIO)
endif()
