# Everything that is not ours: Debian's libraries, and pybind11 from PyPI because
# Debian's does not know Python 3.12. `-DPython3_EXECUTABLE` picks the CPython to embed.

find_package(Threads REQUIRED)
find_package(PkgConfig QUIET)

# All libraries that are missing, in one message: what they are, then the packages of Debian, Alpine
# and Fedora that have them.
set(missing "")
set(missing_apt "")
set(missing_apk "")
set(missing_dnf "")
macro(uwsgi_need found name apt apk dnf)
  if(NOT ${found})
    list(APPEND missing ${name})
    list(APPEND missing_apt ${apt})
    list(APPEND missing_apk ${apk})
    list(APPEND missing_dnf ${dnf})
  endif()
endmacro()

macro(uwsgi_need_module prefix module apt apk dnf)
  if(PkgConfig_FOUND)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
  endif()
  uwsgi_need(${prefix}_FOUND ${module} ${apt} ${apk} ${dnf})
endmacro()

uwsgi_need(PkgConfig_FOUND pkg-config pkg-config pkgconf pkgconf)
uwsgi_need_module(LIBUV libuv libuv1-dev libuv-dev libuv-devel)
uwsgi_need_module(PCRE2 libpcre2-8 libpcre2-dev pcre2-dev pcre2-devel)
uwsgi_need_module(BROTLI libbrotlienc libbrotli-dev brotli-dev brotli-devel)
uwsgi_need_module(ZSTD libzstd libzstd-dev zstd-dev libzstd-devel)
find_package(OpenSSL 3.0 QUIET)
uwsgi_need(OPENSSL_FOUND openssl libssl-dev openssl-dev openssl-devel)
find_package(ZLIB QUIET)
uwsgi_need(ZLIB_FOUND zlib zlib1g-dev zlib-dev zlib-devel)
find_package(fmt QUIET)
uwsgi_need(fmt_FOUND fmt libfmt-dev fmt-dev fmt-devel)
find_package(spdlog QUIET)
uwsgi_need(spdlog_FOUND spdlog libspdlog-dev spdlog-dev spdlog-devel)
find_library(INIH_LIBRARY inih)
find_path(INIH_INCLUDE_DIR ini.h)
uwsgi_need(INIH_LIBRARY inih libinih-dev inih-dev inih-devel)
if(missing)
  foreach(list missing missing_apt missing_apk missing_dnf)
    list(JOIN ${list} " " ${list})
  endforeach()
  # CMake breaks the lines of its errors, but not of notices.
  message(NOTICE "error: these libraries are missing: ${missing} (apt install ${missing_apt} | "
    "apk add ${missing_apk} | dnf install ${missing_dnf})")
  message(FATAL_ERROR "libraries are missing")
endif()

# A wheel is for a Python that may have no library to link: it is loaded into the program.
if(UWSGI_BUILD_WHEEL)
  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
  # Of the Python that it is for, which is another than this one where tools/build_wheels compiles
  # for another machine or C library.
  if(SKBUILD_SOABI)
    set(Python3_SOABI ${SKBUILD_SOABI})
  endif()
else()
  find_package(Python3 3.8 REQUIRED COMPONENTS Interpreter Development)
endif()
# Where the CPython to embed has no pybind11, that of tools/requirements.txt serves: its headers
# are for every CPython.
foreach(python ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/.venv/bin/python)
  if(NOT pybind11_DIR)
    execute_process(
      COMMAND ${python} -m pybind11 --cmakedir
      OUTPUT_VARIABLE pybind11_DIR OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endforeach()
set(PYBIND11_FINDPYTHON ON)
set(PYBIND11_NOPYTHON ON)
find_package(pybind11 2.11 REQUIRED CONFIG)
include(python_runtime)
