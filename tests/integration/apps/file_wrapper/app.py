# SPDX-License-Identifier: MIT
"""Sends $FILE through wsgi.file_wrapper in the way that the path names."""

import io
import os


class Noisy(io.FileIO):
    """A file that logs its close()."""

    def close(self):
        if not self.closed:
            print("saw: close", flush=True)
        super().close()


def application(environ, start_response):
    wrapper = environ["wsgi.file_wrapper"]
    path = environ["PATH_INFO"]
    headers = [("Content-Type", "application/octet-stream")]
    if path == "/bytesio":
        source = io.BytesIO(b"from memory")
    elif path == "/pipe":
        read_end, write_end = os.pipe()
        os.write(write_end, b"from a pipe")
        os.close(write_end)
        source = os.fdopen(read_end, "rb")
    else:
        source = Noisy(os.environ["FILE"])
    if path == "/offset":
        source.seek(10)
    if path == "/limited":
        headers.append(("Content-Length", "7"))
    start_response("200 OK", headers)
    wrapped = wrapper(source, 8192)
    if path == "/iterated":
        return (chunk for chunk in wrapped)
    return wrapped
