# SPDX-License-Identifier: MIT
"""The command `uwsgi`: becomes the master's program and tells it which Python this is."""

import os
import sys


def _warn_of_others(folder):
    """Name another uWSGI in the same environment, which has the same command and modules."""
    for name in os.listdir(folder):
        project, _, rest = name.partition("-")
        project = project.lower()
        if name.endswith(".dist-info") and (
            project == "pyuwsgi" or (project == "uwsgi" and rest.startswith(("1.", "2.")))
        ):
            version = rest[: -len(".dist-info")]
            sys.stderr.write(
                f"warning: {project} {version} is installed in {folder}, too, and has the same "
                f"command: pip uninstall {project}\n"
            )


def main():
    """Exec the master; does not return."""
    package = os.path.dirname(os.path.abspath(__file__))
    if not sys.executable:
        sys.exit("error: this Python does not know its own program (sys.executable is empty)")
    _warn_of_others(os.path.dirname(package))
    version = sys.version.split(None, 1)[0]
    os.environ["__UWSGI_PYTHON"] = version + " " + sys.executable
    command = os.path.abspath(sys.argv[0])
    # As `python -m uwsgi_server`: ps shall show the server all the same.
    if os.path.basename(command) == "__main__.py":
        command = os.path.join(os.path.dirname(sys.executable), "uwsgi")
    os.execv(os.path.join(package, "uwsgi-master"), [command, *sys.argv[1:]])
