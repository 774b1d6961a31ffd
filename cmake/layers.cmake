# The layers of the server, in one table: a folder of src/, then the folders it may
# include. Each folder is a static library that links exactly these. Archives are not
# checked as they are linked, so it is tests/lint/check_layers.py that holds the #include
# lines to the table, those of other people's libraries too. include/uwsgi/ and std are
# open to everyone.
set(UWSGI_LAYERS
  "base:"
  "options:base"
  "os:base options"
  "protocol:base"
  "config:base options os"
  "ipc:base options os"
  "cache:base options os ipc"
  "python:base options os ipc cache"
  "tls:base options os"
  "compression:base options protocol"
  "static_files:base options os protocol compression"
  "websocket:base options protocol compression tls"
  "log:base options os protocol"
  "net:base options os protocol tls"
  "dispatch:base os"
  "exchange:base options os protocol ipc net dispatch compression static_files websocket tls"
  "supervise:base os ipc"
  "master:base options os tls log ipc supervise"
  "zygote:base options os ipc supervise"
  "worker:base options os protocol ipc net exchange dispatch compression static_files websocket tls log"
  "wsgi:base options os protocol python"
  "app:base options os config cache tls compression static_files websocket log ipc net exchange python wsgi worker zygote master"
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
