# The layers of the server, in one table: a folder of src/, then the folders it may
# include. Each folder is a static library that links exactly these. Archives are not
# checked as they are linked, so it is tests/lint/check_layers.py that holds the #include
# lines to the table, those of other people's libraries too. include/uwsgi/ and std are
# open to everyone.
set(UWSGI_LAYERS
  "base:"
  "os:base"
  "protocol:base"
  "options:base os protocol"
  "config:base os protocol options"
  "ipc:base os"
  "log:base os protocol options"
  "python:base os"
  "tls:base os"
  "compression:base protocol"
  "static_files:base os protocol compression"
  "net:base os protocol tls"
  "dispatch:base os"
  "exchange:base os protocol ipc net compression static_files tls"
  "master:base os ipc log"
  "zygote:base os ipc"
  "worker:base os protocol ipc log net exchange dispatch compression static_files tls"
  "wsgi:base os protocol python"
  "app:base os options config tls ipc static_files python wsgi worker zygote master"
)

# Adds the static library uwsgi_<folder> from every .cc file of the calling folder.
function(uwsgi_layer folder)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_library(uwsgi_${folder} STATIC ${sources})
  target_include_directories(uwsgi_${folder} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(uwsgi_${folder} PRIVATE uwsgi_warnings PUBLIC Threads::Threads)
  foreach(row IN LISTS UWSGI_LAYERS)
    string(REPLACE ":" ";" cells "${row}")
    list(GET cells 0 name)
    if(name STREQUAL folder)
      list(GET cells 1 below)
      separate_arguments(below)
      foreach(lower IN LISTS below)
        target_link_libraries(uwsgi_${folder} PUBLIC uwsgi_${lower})
      endforeach()
    endif()
  endforeach()
endfunction()
