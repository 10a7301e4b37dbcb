# What `cmake --install` and cpack do: headers, libraries, the package for find_package(), pkg-config
# files, the tool and the documents. Called by buntstore_library() for each part.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(BUNTSTORE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/buntstore)
set_property(GLOBAL PROPERTY BUNTSTORE_EXPORTED "")
set_property(GLOBAL PROPERTY BUNTSTORE_NEEDS "")

configure_file(${PROJECT_SOURCE_DIR}/include/buntstore/version.hpp.in
  ${PROJECT_BINARY_DIR}/include/buntstore/version.hpp @ONLY)

# buntstore_dependency(TARGET [AS TARGET] [NEEDS FILE…] [PC_REQUIRES …] [PC_LIBS …] [PC_CFLAGS …])
# says how a library that a part links is found by users of an installation: AS is the target that
# the files cmake/package/dependencies/NEEDS.cmake make there; PC_… is for pkg-config. Without NEEDS
# it is header-only and used in sources only: users do not need it.
function(buntstore_dependency target)
  cmake_parse_arguments(ARG "" "AS" "NEEDS;PC_REQUIRES;PC_LIBS;PC_CFLAGS" ${ARGN})
  set_property(GLOBAL PROPERTY BUNTSTORE_DEPENDENCY_${target}_KNOWN TRUE)
  foreach(field AS NEEDS PC_REQUIRES PC_LIBS PC_CFLAGS)
    set_property(GLOBAL PROPERTY BUNTSTORE_DEPENDENCY_${target}_${field} "${ARG_${field}}")
  endforeach()
endfunction()
buntstore_dependency(Threads::Threads AS Threads::Threads NEEDS threads PC_LIBS -pthread PC_CFLAGS -pthread)
buntstore_dependency(buntstore_xxhash)
buntstore_dependency(OpenSSL::Crypto AS OpenSSL::Crypto NEEDS openssl PC_REQUIRES libcrypto)
buntstore_dependency(OpenSSL::SSL AS OpenSSL::SSL NEEDS openssl PC_REQUIRES libssl)
buntstore_dependency(ICU::i18n AS ICU::i18n NEEDS icu PC_REQUIRES icu-i18n)
buntstore_dependency(ICU::uc AS ICU::uc NEEDS icu PC_REQUIRES icu-uc)
buntstore_dependency(buntstore_hiredis AS buntstore::hiredis_library NEEDS hiredis PC_LIBS -lhiredis)
buntstore_dependency(PostgreSQL::PostgreSQL
  AS PostgreSQL::PostgreSQL NEEDS postgresql PC_REQUIRES libpq)
buntstore_dependency(buntstore_beast_library
  AS buntstore::boost_beast_library NEEDS threads boost_beast PC_LIBS -pthread PC_CFLAGS -pthread)
buntstore_dependency(buntstore_restinio_library
  AS buntstore::restinio_library NEEDS threads boost_beast restinio
  PC_REQUIRES fmt PC_LIBS -lhttp_parser -pthread PC_CFLAGS -DRESTINIO_USE_BOOST_ASIO -pthread)
buntstore_dependency(buntstore_drogon_library
  AS buntstore::drogon_library NEEDS threads drogon
  PC_REQUIRES jsoncpp PC_LIBS -ldrogon -ltrantor -pthread PC_CFLAGS -pthread)

# Links the libraries of a part: by their targets in this build, and by their installed names for users
# of the installation.
function(buntstore_link target scope)
  foreach(library IN LISTS ARGN)
    get_property(known GLOBAL PROPERTY BUNTSTORE_DEPENDENCY_${library}_KNOWN)
    if(library MATCHES "^buntstore::")
      target_link_libraries(${target} ${scope} ${library})
    elseif(known)
      get_property(as GLOBAL PROPERTY BUNTSTORE_DEPENDENCY_${library}_AS)
      target_link_libraries(${target} ${scope} $<BUILD_INTERFACE:${library}>)
      if(as)
        target_link_libraries(${target} ${scope} $<INSTALL_INTERFACE:${as}>)
      endif()
    else()
      message(FATAL_ERROR "${target} links ${library}, and how an installation's users find that is not "
        "said: add buntstore_dependency(${library} …) to cmake/BuntstoreInstall.cmake")
    endif()
  endforeach()
endfunction()

# buntstore_install(NAME HEADERS … LINK … PRIVATE_LINK …)
function(buntstore_install name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK;PRIVATE_LINK" ${ARGN})
  set(target buntstore_${name})
  get_target_property(type ${target} TYPE)
  install(TARGETS ${target} EXPORT ${target}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT ${target} NAMESPACE buntstore:: DESTINATION ${BUNTSTORE_PACKAGE_DIR} COMPONENT dev)
  foreach(header IN LISTS ARG_HEADERS)
    cmake_path(GET header PARENT_PATH folder)
    install(FILES include/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder} COMPONENT dev)
  endforeach()

  # Which files of the package, and which other parts, this one needs; and the same for pkg-config.
  set(needs)
  foreach(scope "" PRIVATE_)
    set(pc_${scope}requires)
    set(pc_${scope}libs)
    set(pc_${scope}cflags)
    foreach(library IN LISTS ARG_${scope}LINK)
      if(library MATCHES "^buntstore::(.*)")
        list(APPEND needs ${CMAKE_MATCH_1})
        list(APPEND pc_${scope}requires "buntstore-${CMAKE_MATCH_1} = ${PROJECT_VERSION}")
        continue()
      endif()
      if(NOT (scope STREQUAL PRIVATE_ AND type STREQUAL SHARED_LIBRARY))
        get_property(more GLOBAL PROPERTY BUNTSTORE_DEPENDENCY_${library}_NEEDS)
        list(APPEND needs ${more})
      endif()
      foreach(field requires libs cflags)
        string(TOUPPER PC_${field} property)
        get_property(more GLOBAL PROPERTY BUNTSTORE_DEPENDENCY_${library}_${property})
        list(APPEND pc_${scope}${field} ${more})
      endforeach()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES needs)
  set_property(GLOBAL APPEND PROPERTY BUNTSTORE_EXPORTED ${name})
  set_property(GLOBAL APPEND_STRING PROPERTY BUNTSTORE_NEEDS "set(_buntstore_${name}_needs ${needs})\n")

  foreach(list pc_requires pc_PRIVATE_requires)
    list(REMOVE_DUPLICATES ${list})
    list(JOIN ${list} ", " ${list})
  endforeach()
  foreach(list pc_libs pc_PRIVATE_libs pc_cflags)
    list(JOIN ${list} " " ${list})
  endforeach()
  set(own)
  if(NOT type STREQUAL INTERFACE_LIBRARY)
    set(own "-L\${libdir} -l${target} ")
  endif()
  if(type STREQUAL SHARED_LIBRARY)
    set(pc_cflags "-DBUNTSTORE_SHARED ${pc_cflags}")
  elseif(type STREQUAL STATIC_LIBRARY)
    # There is no other library to link, so what it needs is not only for --static.
    string(JOIN ", " pc_requires ${pc_requires} ${pc_PRIVATE_requires})
    string(JOIN " " pc_libs ${pc_libs} ${pc_PRIVATE_libs})
    set(pc_PRIVATE_requires)
    set(pc_PRIVATE_libs)
  endif()
  file(RELATIVE_PATH up /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
  string(REGEX REPLACE "/$" "" up "${up}")
  set(text "prefix=\${pcfiledir}/${up}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}
libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}

Name: buntstore-${name}
Description: ${PROJECT_DESCRIPTION} (${name})
Version: ${PROJECT_VERSION}
Requires: ${pc_requires}
Requires.private: ${pc_PRIVATE_requires}
Cflags: -I\${includedir} ${pc_cflags}
Libs: ${own}${pc_libs}
Libs.private: ${pc_PRIVATE_libs}
")
  string(REGEX REPLACE "\n[A-Z][A-Za-z.]*: *\n" "\n" text "${text}")
  string(REGEX REPLACE "\n[A-Z][A-Za-z.]*: *\n" "\n" text "${text}")
  string(REGEX REPLACE " +\n" "\n" text "${text}")
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/pkgconfig/buntstore-${name}.pc CONTENT "${text}")
  install(FILES ${PROJECT_BINARY_DIR}/pkgconfig/buntstore-${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endfunction()

# What an operator uses, with the tool: docs/operate.md.
function(buntstore_install_operation)
  set(operate ${PROJECT_SOURCE_DIR}/operate)
  install(PROGRAMS ${operate}/buntdb-backup DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tool)
  install(FILES ${operate}/buntdb-backup.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tool)
  # Not CMAKE_INSTALL_LIBDIR: systemd does not search folders of an architecture.
  install(FILES ${operate}/systemd/buntstore@.service ${operate}/systemd/buntstore-backup@.service
      ${operate}/systemd/buntstore-backup@.timer
    DESTINATION lib/systemd/system COMPONENT tool)
  install(FILES ${operate}/prometheus/buntstore.rules.yml
    DESTINATION ${CMAKE_INSTALL_DATADIR}/buntdb/prometheus COMPONENT tool)
  install(FILES ${operate}/grafana/buntstore.json
    DESTINATION ${CMAKE_INSTALL_DATADIR}/buntdb/grafana COMPONENT tool)
  install(FILES ${operate}/container/Containerfile ${operate}/nginx/site.conf
      ${PROJECT_SOURCE_DIR}/docs/operate.md
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/buntdb COMPONENT tool)
endfunction()

# Once, after all parts.
function(buntstore_install_package)
  get_property(BUNTSTORE_EXPORTED GLOBAL PROPERTY BUNTSTORE_EXPORTED)
  get_property(BUNTSTORE_NEEDS GLOBAL PROPERTY BUNTSTORE_NEEDS)
  list(JOIN BUNTSTORE_EXPORTED ", " BUNTSTORE_EXPORTED_TEXT)
  list(JOIN BUNTSTORE_EXPORTED " " BUNTSTORE_EXPORTED)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/package/buntstoreConfig.cmake.in
    ${PROJECT_BINARY_DIR}/package/buntstoreConfig.cmake INSTALL_DESTINATION ${BUNTSTORE_PACKAGE_DIR})
  # Before 1.0 a minor version may break interfaces.
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/buntstoreConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/package/buntstoreConfig.cmake
      ${PROJECT_BINARY_DIR}/package/buntstoreConfigVersion.cmake
    DESTINATION ${BUNTSTORE_PACKAGE_DIR} COMPONENT dev)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/cmake/package/dependencies
    DESTINATION ${BUNTSTORE_PACKAGE_DIR} COMPONENT dev)
  install(FILES ${PROJECT_SOURCE_DIR}/include/buntstore/clock.hpp
      ${PROJECT_SOURCE_DIR}/include/buntstore/visibility.hpp
      ${PROJECT_SOURCE_DIR}/include/buntstore/wipe.hpp
      ${PROJECT_BINARY_DIR}/include/buntstore/version.hpp
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/buntstore COMPONENT dev)
  # gdb loads the printers by itself with a shared library that has debug information.
  set(printers ${PROJECT_SOURCE_DIR}/tools/gdb/buntstore_gdb.py)
  install(FILES ${printers} DESTINATION ${CMAKE_INSTALL_DATADIR}/buntstore/gdb COMPONENT dev)
  if(BUILD_SHARED_LIBS)
    foreach(library IN ITEMS buntdb scs)
      install(FILES ${printers}
        DESTINATION ${CMAKE_INSTALL_DATADIR}/gdb/auto-load${CMAKE_INSTALL_FULL_LIBDIR}
        RENAME $<TARGET_FILE_NAME:buntstore_${library}>-gdb.py COMPONENT dev)
    endforeach()
  endif()
  set(documents ${CMAKE_INSTALL_DATADIR}/doc)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${documents}/buntstore-dev COMPONENT dev
    PATTERN reference EXCLUDE)  # how the reference in HTML is made
  install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
    DESTINATION ${documents}/buntstore-dev COMPONENT dev)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${documents}/buntstore-dev RENAME copyright COMPONENT dev)

  if(TARGET buntdb)
    install(TARGETS buntdb RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tool)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
      DESTINATION ${documents}/buntdb RENAME copyright COMPONENT tool)
    if(TARGET buntdb_documents)
      install(FILES ${PROJECT_BINARY_DIR}/share/man/man1/buntdb.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tool)
      install(FILES ${PROJECT_BINARY_DIR}/share/bash-completion/completions/buntdb
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT tool)
      set(BUNTSTORE_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING
        "Where zsh's completion is installed; Debian's packages use share/zsh/vendor-completions")
      install(FILES ${PROJECT_BINARY_DIR}/share/zsh/site-functions/_buntdb
        DESTINATION ${BUNTSTORE_ZSH_DIR} COMPONENT tool)
    endif()
    buntstore_install_operation()
  endif()
endfunction()
