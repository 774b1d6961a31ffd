# SPDX-License-Identifier: MIT
"""The command: measures scenarios and writes docs/performance.md."""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

import processes

from suite import loads, machine, results
from suite.bench import ROOT, Bench, prepare
from suite.page import page
from suite.scenario import Scenario, run
from suite.scenarios import ALL


def arguments() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(
        prog="tests/bench/run",
        description="Measures this server beside its peers and writes docs/performance.md.",
    )
    parser.add_argument("scenario", nargs="*", help="some of the scenarios; all without any")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="length of each measurement")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "uwsgi")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md")
    parser.add_argument("--render", action="store_true", help="only write the page anew")
    options = parser.parse_args()
    unknown = set(options.scenario) - {one.name for one in ALL}
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}; --list lists them")
    return options


def measure(options: argparse.Namespace, scenarios: list[Scenario]) -> bool:
    """Measure the scenarios and keep their results; tell whether all servers ran."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    processes.become_subreaper()
    # An end that is asked for ends the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    good = True
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        bench = Bench(options.binary.resolve(), Path(name), options.seconds)
        prepare(bench)
        versions = machine.versions(bench)
        for scenario in scenarios:
            begin = time.monotonic()
            outcomes = run(scenario, bench, options.rounds)
            good = good and not any(outcome.failures for outcome in outcomes.values())
            results.save(
                results.collect(
                    scenario, bench, outcomes, options.rounds, machine.describe(), versions
                )
            )
            print(f"{scenario.name} took {time.monotonic() - begin:.0f} s", flush=True)
    return good


def main() -> int:
    """Run the command."""
    options = arguments()
    if options.list:
        for scenario in ALL:
            print(f"{scenario.name:12} {scenario.title}")
        return 0
    chosen = [one for one in ALL if one.name in options.scenario or not options.scenario]
    good = options.render or measure(options, chosen)
    found = {one.name: results.load(one.name) for one in ALL}
    have = {name: result for name, result in found.items() if result}
    options.output.write_text(page(ALL, have, len(loads.packet())))
    print(f"wrote {options.output}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
