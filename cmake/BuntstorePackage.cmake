# Debian packages, by `cpack -G DEB`: buntstore-dev, the libraries, and buntdb, the tool.
set(CPACK_PACKAGE_NAME buntstore)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Web sessions that survive a restart")
set(CPACK_PACKAGE_CONTACT "buntstore developers <developers@buntstore.example>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/package/debian.cmake)
set(CPACK_COMPONENTS_ALL dev)
if(TARGET buntdb)
  list(APPEND CPACK_COMPONENTS_ALL tool)
endif()
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# If a requested part is missing, an error names its package. So only a library that nearly every user
# needs is a dependency.
set(CPACK_DEBIAN_DEV_PACKAGE_NAME buntstore-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libssl-dev, libstdc++-12-dev | libstdc++-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "libcpp-httplib-dev, pkg-config | pkgconf")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS
  "libboost1.81-dev | libboost-dev, libdrogon-dev, libhiredis-dev, libicu-dev, libpq-dev, librestinio-dev, nlohmann-json3-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION
  "Web sessions that survive a restart, for C++20.\nThe embedded database buntdb, the session manager scs, \
its stores,\nand adapters for HTTP libraries.")

if(TARGET buntdb)
  target_link_options(buntdb PRIVATE -Wl,-z,relro,-z,now)
endif()
set(CPACK_DEBIAN_TOOL_PACKAGE_NAME buntdb)
set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION database)
set(CPACK_DEBIAN_TOOL_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_TOOL_DESCRIPTION
  "Command line tool for buntdb files.\nLooks into a buntdb database, changes, checks, repairs and copies it.\n\
With a template of a systemd unit for a server, hourly copies, alarms for\nPrometheus and a dashboard for Grafana.")
include(CPack)
