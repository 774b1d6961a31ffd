# SPDX-License-Identifier: MIT
"""What the build says when libraries are missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_all_that_is_missing_is_one_line_with_the_packages(tmp_path: Path) -> None:
    nothing = {**os.environ, "PKG_CONFIG_LIBDIR": str(tmp_path), "PKG_CONFIG_PATH": ""}
    configured = subprocess.run(
        ["cmake", "-G", "Ninja", "-S", ROOT, "-B", tmp_path / "build"],
        capture_output=True,
        text=True,
        env=nothing,
    )
    assert configured.returncode != 0
    (line,) = (line for line in configured.stderr.splitlines() if line.startswith("error: "))
    assert line == (
        "error: these libraries are missing: libuv libpcre2-8 libbrotlienc libzstd "
        "(apt install libuv1-dev libpcre2-dev libbrotli-dev libzstd-dev | "
        "apk add libuv-dev pcre2-dev brotli-dev zstd-dev | "
        "dnf install libuv-devel pcre2-devel brotli-devel libzstd-devel)"
    )
