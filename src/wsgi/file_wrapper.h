// SPDX-License-Identifier: MIT
//
// `wsgi.file_wrapper`: a class that iterates over a file's blocks, and that the server
// recognises to send a regular file without reading it.

#pragma once

#include <Python.h>

#include <cstdint>
#include <optional>

#include "python/handle.h"

namespace uwsgi::wsgi {

// The class. Empty with Python's error set on failure.
python::Handle MakeFileWrapperType();

// A part of a regular file that says the same as reading the Python file object to its end.
struct FileRange {
  int fd = -1;  // Belongs to the file object.
  std::uint64_t offset = 0;
  std::uint64_t count = 0;
};

// What `wrapper`, an object of the class, would yield, when its file is a plain
// regular file: from the file object's position to its end. Nothing for everything else, such as
// BytesIO, pipes, or files that decode (gzip), which have to be read.
std::optional<FileRange> RegularFileOf(PyObject* wrapper);

}  // namespace uwsgi::wsgi
