# SPDX-License-Identifier: MIT
"""`python -m uwsgi_server` is the command `uwsgi`."""

from ._launch import main

if __name__ == "__main__":
    main()
