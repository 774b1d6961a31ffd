# The language, the warnings and the sanitizers that every target is built with.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# The libraries become an extension module one day, so all of them are -fPIC.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Checks stay on in release builds: UWSGI_CHECK does not depend on NDEBUG.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Most of a file's compile time is the reading of other people's headers. With ccache, whose
# results build directories share, reading them once for all would cost more than it saves.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(reads_headers_once OFF)
else()
  set(reads_headers_once ON)
endif()
option(UWSGI_PCH "Precompile the headers that most files include" ${reads_headers_once})
set(UWSGI_STD_HEADERS <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <map> <memory>
  <mutex> <optional> <string> <string_view> <utility> <vector> <fmt/core.h>)

# The headers are compiled once, for `owner`: a target whose options are those of `target`.
function(uwsgi_precompile target owner)
  if(NOT UWSGI_PCH)
    return()
  endif()
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

add_library(uwsgi_warnings INTERFACE)
target_compile_options(uwsgi_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# Whoever installs it has a compiler of their own, which may warn of more.
if(NOT UWSGI_BUILD_WHEEL)
  target_compile_options(uwsgi_warnings INTERFACE -Werror)
endif()

if(SANITIZE)
  # The check of virtual calls opens pipes, and takes it for an error if it can not: some tests use
  # all descriptors up.
  add_compile_options(-fsanitize=${SANITIZE} -fno-sanitize=vptr
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SANITIZE})
endif()
# See src/dispatch/baton_trace.h.
if(UWSGI_TRACE)
  add_compile_definitions(UWSGI_TRACE)
endif()
if(UWSGI_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
