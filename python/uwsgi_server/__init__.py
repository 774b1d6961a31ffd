# SPDX-License-Identifier: MIT
"""The uwsgi server, as pip installs it: start it by the command `uwsgi`."""
