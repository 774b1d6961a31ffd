# SPDX-License-Identifier: MIT
"""Where the driver is."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    default = ROOT / "build" / "http_parser_driver"
    parser.addoption("--driver", default=str(default), help="http_parser_driver")


@pytest.fixture(scope="session")
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--driver"))
