# The CPython to embed, as two targets:
#
#   python_headers   what the libraries compile against: Python.h and pybind11
#   python_runtime   what an executable links: the interpreter itself
#
# The static archive is taken where the Python has one, because it is 12 to 15 percent
# faster than the shared library; `python3` itself is built so. It is not position
# independent, hence -no-pie; its symbols are exported, so extension modules find them.

function(uwsgi_python_variable name out)
  execute_process(
    COMMAND ${Python3_EXECUTABLE} -c
      "import sys, sysconfig; print({'base_prefix': sys.base_prefix}.get('${name}') or sysconfig.get_config_var('${name}') or '')"
    OUTPUT_VARIABLE value OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${out} "${value}" PARENT_SCOPE)
endfunction()

uwsgi_python_variable(LIBPL python_config_dir)
uwsgi_python_variable(LIBRARY python_archive)
uwsgi_python_variable(base_prefix python_prefix)

# Adds `file` to a target as the NUL-terminated constant `symbol`, declared as
# `extern const char symbol[];` in namespace uwsgi::python.
function(uwsgi_embed_text target file symbol)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc)
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [==[
// Made from @file@.
namespace uwsgi::python {
extern const char @symbol@[];
const char @symbol@[] = R"embedded(@text@)embedded";
}  // namespace uwsgi::python
]==])
  target_sources(${target} PRIVATE ${output})
endfunction()

add_library(python_headers INTERFACE)
target_include_directories(python_headers SYSTEM INTERFACE ${Python3_INCLUDE_DIRS})
target_link_libraries(python_headers INTERFACE pybind11::headers)
target_compile_definitions(python_headers INTERFACE UWSGI_PYTHON_PREFIX="${python_prefix}")

if(UWSGI_BUILD_WHEEL)
  return()
endif()

add_library(python_runtime INTERFACE)
target_link_libraries(python_runtime INTERFACE python_headers)
if(EXISTS ${python_config_dir}/${python_archive} AND python_archive MATCHES "\\.a$")
  message(STATUS "Embedding ${python_config_dir}/${python_archive}")
  uwsgi_python_variable(LIBS python_libs)
  uwsgi_python_variable(SYSLIBS python_syslibs)
  uwsgi_python_variable(MODLIBS python_modlibs)
  separate_arguments(python_libs UNIX_COMMAND
    "${python_libs} ${python_syslibs} ${python_modlibs}")
  # A build with --enable-shared lists the path of its own shared library; it is not needed.
  list(FILTER python_libs EXCLUDE REGEX "^-L|rpath")
  list(REMOVE_DUPLICATES python_libs)
  target_link_libraries(python_runtime INTERFACE
    ${python_config_dir}/${python_archive} ${python_libs} Threads::Threads)
  target_link_options(python_runtime INTERFACE -no-pie -Wl,-export-dynamic)
else()
  message(STATUS "Embedding the shared library ${Python3_LIBRARIES}")
  target_link_libraries(python_runtime INTERFACE Python3::Python)
endif()
