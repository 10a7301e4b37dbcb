# cpack runs this on the installed files before it makes Debian packages: it does what Debian's
# policy requires, and an installation with `cmake --install` does not.
cmake_minimum_required(VERSION 3.25)

find_program(gzip gzip REQUIRED)
find_program(strip strip)
function(compress)
  if(ARGN)
    execute_process(COMMAND ${gzip} -9n ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endfunction()

set(package_of_tool buntdb)
set(package_of_dev buntstore-dev)
foreach(component tool dev)
  set(package ${package_of_${component}})
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component})
  set(documents ${root}/usr/share/doc/${package})
  if(NOT EXISTS ${documents})
    continue()
  endif()

  file(GLOB_RECURSE manuals ${root}/usr/share/man/*.[1-9])
  compress(${manuals})
  # Where Debian's zsh looks.
  if(EXISTS ${root}/usr/share/zsh/site-functions)
    file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
  endif()
  # What a linker does not need.
  file(GLOB libraries ${root}/usr/lib/*.a)
  if(strip AND libraries)
    execute_process(COMMAND ${strip} --strip-debug --remove-section=.comment --remove-section=.note
        --enable-deterministic-archives ${libraries} COMMAND_ERROR_IS_FATAL ANY)
  endif()

  if(EXISTS ${documents}/CHANGELOG.md)
    file(RENAME ${documents}/CHANGELOG.md ${documents}/changelog)
    compress(${documents}/changelog)
  endif()
  file(WRITE ${documents}/changelog.Debian
"buntstore (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * New upstream release.

 -- ${CPACK_PACKAGE_CONTACT}  Thu, 01 Jan 2026 00:00:00 +0000
")
  compress(${documents}/changelog.Debian)

  # What lintian asks of packages that Debian distributes.
  set(overrides "# Nobody has uploaded this package to Debian.\n${package}: initial-upload-closes-no-bugs\n")
  if(component STREQUAL dev)
    string(APPEND overrides "# The libraries are in /usr/lib: the package is for the processor that made it.\n"
      "${package}: pkg-config-unavailable-for-cross-compilation\n")
  endif()
  file(WRITE ${root}/usr/share/lintian/overrides/${package} "${overrides}")
endforeach()
