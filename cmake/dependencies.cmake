# Everything that is not ours: Debian's libraries, and pybind11 from PyPI because
# Debian's does not know Python 3.12. `-DPython3_EXECUTABLE` picks the CPython to embed.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBUV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_library(INIH_LIBRARY inih REQUIRED)
find_path(INIH_INCLUDE_DIR ini.h REQUIRED)

# A wheel is for a Python that may have no library to link: it is loaded into the program.
if(UWSGI_BUILD_WHEEL)
  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
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
