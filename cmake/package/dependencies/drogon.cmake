find_path(DROGON_INCLUDE_DIR drogon/HttpAppFramework.h)
find_path(DROGON_JSON_INCLUDE_DIR json/value.h PATH_SUFFIXES jsoncpp)
find_library(DROGON_LIBRARY drogon)
find_library(TRANTOR_LIBRARY trantor)
find_library(JSONCPP_LIBRARY jsoncpp)
set(BUNTSTORE_DEPENDENCY_MISSING "")
if(NOT DROGON_INCLUDE_DIR OR NOT DROGON_JSON_INCLUDE_DIR OR NOT DROGON_LIBRARY OR NOT TRANTOR_LIBRARY OR NOT JSONCPP_LIBRARY)
  set(BUNTSTORE_DEPENDENCY_MISSING "Drogon (libdrogon-dev and libjsoncpp-dev)")
elseif(NOT TARGET buntstore::drogon_library)
  add_library(buntstore::drogon_library INTERFACE IMPORTED)
  set_target_properties(buntstore::drogon_library PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${DROGON_INCLUDE_DIR};${DROGON_JSON_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${DROGON_LIBRARY};${TRANTOR_LIBRARY};${JSONCPP_LIBRARY};Threads::Threads")
endif()
