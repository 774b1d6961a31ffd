# What tools/build_deb packs: the master and the module for Debian's own python3, as in a wheel, so
# that an update of python3 needs no new package. Nothing of Debian's uwsgi is replaced: the
# command is an alternative of `uwsgi`.

set(python_version ${Python3_VERSION_MAJOR}.${Python3_VERSION_MINOR})
math(EXPR next_minor "${Python3_VERSION_MINOR} + 1")

set(debian ${PROJECT_SOURCE_DIR}/cmake/debian)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/python/uwsgi_server DESTINATION lib/uwsgi-server
  FILES_MATCHING PATTERN "*.py" PATTERN __pycache__ EXCLUDE)
install(PROGRAMS ${debian}/uwsgi-server DESTINATION bin)
install(FILES ${debian}/uwsgi@.service DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/uwsgi-server RENAME copyright)
# Of nobody's alone, as Debian's uwsgi has them, too.
install(DIRECTORY DESTINATION /etc/uwsgi/apps-available)
install(DIRECTORY DESTINATION /etc/uwsgi/apps-enabled)

find_program(HELP2MAN help2man REQUIRED)
find_program(GZIP gzip REQUIRED)
set(manual ${CMAKE_CURRENT_BINARY_DIR}/uwsgi-server.1)
add_custom_command(
  OUTPUT ${manual}.gz
  COMMAND ${CMAKE_COMMAND} -E env "__UWSGI_PYTHON=${Python3_VERSION} ${Python3_EXECUTABLE}"
    ${HELP2MAN} --no-info --name "application server for Python, in uWSGI's place"
    --include ${debian}/manual.h2m --output ${manual} $<TARGET_FILE:uwsgi-master>
  COMMAND ${GZIP} --force --best --no-name ${manual}
  DEPENDS uwsgi-master ${debian}/manual.h2m
  VERBATIM)
add_custom_target(manual ALL DEPENDS ${manual}.gz)
install(FILES ${manual}.gz DESTINATION share/man/man1)

set(CPACK_GENERATOR DEB)
# Also where it installs outside of the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME uwsgi-server)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION}~dev)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "application server for Python, in uWSGI's place")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The uwsgi authors <root@localhost>")
set(CPACK_DEBIAN_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "python3 (>= ${python_version}), python3 (<< ${Python3_VERSION_MAJOR}.${next_minor})")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/postinst ${debian}/prerm ${debian}/postrm)
include(CPack)
