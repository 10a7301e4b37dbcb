find_path(BOOST_BEAST_INCLUDE_DIR boost/beast/http.hpp)
set(BUNTSTORE_DEPENDENCY_MISSING "")
if(NOT BOOST_BEAST_INCLUDE_DIR)
  set(BUNTSTORE_DEPENDENCY_MISSING "Boost 1.81 or newer (libboost-dev, on Debian 12 libboost1.81-dev)")
elseif(NOT TARGET buntstore::boost_beast_library)
  add_library(buntstore::boost_beast_library INTERFACE IMPORTED)
  set_target_properties(buntstore::boost_beast_library PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${BOOST_BEAST_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
