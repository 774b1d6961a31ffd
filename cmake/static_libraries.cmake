# A toolchain file for wheels that contain their libraries: these are the static ones in
# $UWSGI_LIBRARIES, made by tools/build_libraries, and none of the system's.

set(CMAKE_PREFIX_PATH $ENV{UWSGI_LIBRARIES})
set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)
set(ENV{PKG_CONFIG_LIBDIR} $ENV{UWSGI_LIBRARIES}/lib/pkgconfig)
set(PKG_CONFIG_ARGN --static CACHE STRING "" FORCE)
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)
# zig makes its C++ library when something is first linked, once for each kind of optimisation: the
# checks of CMake link nothing.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
# Code that nothing calls stays out.
set(CMAKE_CXX_FLAGS_INIT "-O2 -ffunction-sections -fdata-sections -fvisibility=hidden")
foreach(kind EXE MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-Wl,--gc-sections")
endforeach()
