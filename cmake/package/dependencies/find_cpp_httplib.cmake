# buntstore_find_cpp_httplib() finds cpp-httplib, for the build of this project and for users of its
# installation. The first of these is taken:
#
#   1. the target httplib::httplib of the project that uses this one
#   2. the header in the folder BUNTSTORE_HTTPLIB_INCLUDE_DIR, which is the whole library
#   3. the system's: a header with its compiled library (libcpp-httplib-dev), or the header alone
#
# A compiled library and its header must have the same feature macros, because these change the
# layout of its classes. They are read from cpp-httplib.pc. A header alone gets no macro from here:
# those that the program defines hold.
#
# Sets in the caller's scope BUNTSTORE_HTTPLIB_FOUND to what was found, in words, or to nothing;
# BUNTSTORE_HTTPLIB_VERSION (empty if it is unknown); BUNTSTORE_HTTPLIB_INCLUDE,
# BUNTSTORE_HTTPLIB_LINK and BUNTSTORE_HTTPLIB_DEFINITIONS; BUNTSTORE_HTTPLIB_PACKAGE, the name for
# pkg-config, if it has one; BUNTSTORE_HTTPLIB_MISSING, what is missing otherwise.
function(buntstore_find_cpp_httplib)
  set(found "")
  set(folders "")
  set(include "")
  set(link "")
  set(definitions "")
  set(package "")
  set(missing "cpp-httplib (libcpp-httplib-dev)")
  if(TARGET httplib::httplib)
    set(found "the target httplib::httplib of the project")
    set(link httplib::httplib)
    foreach(property INTERFACE_INCLUDE_DIRECTORIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES)
      get_target_property(more httplib::httplib ${property})
      if(more)
        list(APPEND folders ${more})
      endif()
    endforeach()
    string(REGEX REPLACE "\\$<BUILD_INTERFACE:([^>]*)>" "\\1" folders "${folders}")
  elseif(BUNTSTORE_HTTPLIB_INCLUDE_DIR)
    if(NOT EXISTS ${BUNTSTORE_HTTPLIB_INCLUDE_DIR}/httplib.h)
      message(FATAL_ERROR "BUNTSTORE_HTTPLIB_INCLUDE_DIR is ${BUNTSTORE_HTTPLIB_INCLUDE_DIR}, where there is no httplib.h")
    endif()
    set(found "the header in ${BUNTSTORE_HTTPLIB_INCLUDE_DIR}")
    set(folders ${BUNTSTORE_HTTPLIB_INCLUDE_DIR})
    set(include ${folders})
  else()
    find_path(HTTPLIB_INCLUDE_DIR httplib.h)
    find_library(HTTPLIB_LIBRARY cpp-httplib)
    if(HTTPLIB_INCLUDE_DIR)
      set(folders ${HTTPLIB_INCLUDE_DIR})
      set(include ${folders})
      # Only the header that is the whole library defines what it declares.
      file(STRINGS ${HTTPLIB_INCLUDE_DIR}/httplib.h whole REGEX "^inline bool Server::listen_after_bind")
      if(whole)
        set(found "the system's header in ${HTTPLIB_INCLUDE_DIR}")
      elseif(HTTPLIB_LIBRARY)
        cmake_path(GET HTTPLIB_LIBRARY PARENT_PATH folder)
        find_file(HTTPLIB_PC_FILE cpp-httplib.pc PATHS ${folder}/pkgconfig NO_DEFAULT_PATH)
        if(HTTPLIB_PC_FILE)
          set(found "the system's library ${HTTPLIB_LIBRARY}")
          set(package cpp-httplib)
          set(link ${HTTPLIB_LIBRARY})
          file(STRINGS ${HTTPLIB_PC_FILE} flags REGEX "^Cflags:")
          string(REGEX MATCHALL "-DCPPHTTPLIB_[A-Za-z0-9_=]+" definitions "${flags}")
          list(TRANSFORM definitions REPLACE "^-D" "")
          if("CPPHTTPLIB_OPENSSL_SUPPORT" IN_LIST definitions)
            find_package(OpenSSL QUIET)
            list(APPEND link OpenSSL::SSL)
          endif()
        else()
          set(missing "cpp-httplib.pc, which says with which features ${HTTPLIB_LIBRARY} was compiled")
        endif()
      else()
        set(missing "the library that ${HTTPLIB_INCLUDE_DIR}/httplib.h belongs to (libcpp-httplib-dev)")
      endif()
    endif()
  endif()

  set(version "")
  foreach(folder IN LISTS folders)
    if(NOT version AND NOT folder MATCHES "\\$<" AND EXISTS ${folder}/httplib.h)
      file(STRINGS ${folder}/httplib.h version LIMIT_COUNT 1 REGEX "define CPPHTTPLIB_VERSION \"")
      string(REGEX REPLACE ".*\"(.*)\".*" "\\1" version "${version}")
    endif()
  endforeach()
  set(BUNTSTORE_HTTPLIB_FOUND "${found}" PARENT_SCOPE)
  set(BUNTSTORE_HTTPLIB_VERSION "${version}" PARENT_SCOPE)
  set(BUNTSTORE_HTTPLIB_INCLUDE "${include}" PARENT_SCOPE)
  set(BUNTSTORE_HTTPLIB_LINK "${link};Threads::Threads" PARENT_SCOPE)
  set(BUNTSTORE_HTTPLIB_DEFINITIONS "${definitions}" PARENT_SCOPE)
  set(BUNTSTORE_HTTPLIB_PACKAGE "${package}" PARENT_SCOPE)
  set(BUNTSTORE_HTTPLIB_MISSING "${missing}" PARENT_SCOPE)
endfunction()
