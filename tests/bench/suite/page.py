# SPDX-License-Identifier: MIT
"""docs/performance.md, made of all results that there are."""

from __future__ import annotations

from typing import Iterable

from suite import figures, front, medians
from suite.figures import FIGURES
from suite.goals import GOALS, Results
from suite.measures import WARM_REQUESTS, WARM_SECONDS
from suite.results import CaseResult, Result
from suite.scenario import Scenario

_INTRODUCTION = """# Performance

Medians of one run each, all servers on the same machine in turns, with the same applications and
interpreter. *p99*, *CPU us*, *PSS*, starts and gaps are better when they are small. Of several
variants of a server the best figure counts; `-` was not measured. Scenarios in which this server
loses are here, and in the [tables](#scenarios), like the others.
"""

_READING = """Figures of one row compare; those of different rows do not, as the speed of a machine
drifts within an hour, by a third on a virtual one. `tests/bench/run` measures all of it and writes
this page; scenarios can be named:

```sh
tests/bench/run
tests/bench/run http mixed --rounds 5 --seconds 5
```
"""

_METHOD = """## Method

* Each round runs every case once on each server, and each round begins with another server. A
  figure is the median of the rounds, with the lowest and the highest in parentheses.
* A server is started for each measurement and has come to rest when it begins: no process of it
  uses CPU time. {warm:g} s of the load's own connections warm it up, so that each of its processes
  has imported what its requests need, and again until {enough} requests were answered; they do
  not count.
* *CPU us* is user and system time of all processes of the server (of uWSGI's router, too) per
  request, from /proc. nginx in front and the load generator do not count; where nginx is the
  server that is measured, it does. The kernel splits user from system time by sampling.
* *PSS* is the memory of all processes of the server at the end of the load. Servers that run in
  `python` share its pages with this suite, which spares them 2-3 MiB.
* Ratios are this server's figure by the peer's, the median of those of the rounds. Requests per
  second and per CPU second are better above 1, p99, PSS, time and gap below 1.
* Latencies are those of the load generator. wrk is a closed loop: a slow server is asked less,
  so its percentiles flatter it. The mixed loads have an open loop.
* *errors* below a table are answers other than 200, lost connections and timeouts of one round.
  wrk counts as lost each connection that a server closes after an answer without saying so in it,
  as uWSGI's HTTP sockets do; the answer itself counts as good.
* This server writes its request log to a file in all scenarios (where a row says otherwise, it
  is an additional row), and its timeouts and limits are the defaults, which are on. No peer
  writes a request log. uWSGI, gunicorn and nginx have the timeouts of their defaults, granian
  one for request heads, bjoern none.
* `tests/bench/packet_load.c` sends one uwsgi packet of {packet} bytes per connection;
  `tests/bench/http_load.c` is the open loop; `tests/bench/floor.c` answers a constant. All are
  compiled by `cc -O2` when a run begins.
* Python files and packages of all servers are those of one virtual environment, made from
  `tests/bench/requirements.txt`; this server gets it by `--home`. Applications are in
  `tests/bench/apps/`, the Django site is `examples/mmcsite`.
* DIRECTORY, PORT, FRONT (nginx's port) and SECONDS vary and are replaced in command lines; servers
  start in the directory of their application.
"""

_FINDINGS = """## What was tried, and what explains the figures

* The request log costs about a tenth of a hello's CPU time, most of it in the file system:
  without it a hello costs about what bjoern takes, which has none.
* Python itself runs in the executable at 90 to 95 % of its speed in `/usr/bin/python3.11`, as
  bjoern, granian and gunicorn run it: the static library that Debian ships for embedding takes
  5.5 % more instructions than the program, which is optimised across its files. uWSGI, with the
  shared library, reaches three quarters. (The best of 40 runs of a loop of method calls, dicts
  and strings: 14.8, 15.5 and 20.3 ms.)
* The wheel runs pure Python as fast as `python3` does, in the best of its runs; medians of that
  table are of a machine whose cores others used, too. Its two cases of Django are left out for
  that reason: with a load of 8 to 17 on two cores the figures of one server differed by factors
  of 2 to 4. What that run said, for whoever measures it next: 1.18x the executable per CPU second
  at 1 x 1, 1.03x at 5 x 1, and at 5 x 1 behind nginx 0.69x the requests and 0.70x bjoern's per
  CPU second, which is the goal that it missed. `tests/bench/run wheel` measures it.
* Counted by callgrind, which no neighbour disturbs (the difference of two runs of one process
  without a master, by the difference of their requests, some 160 to 230), a Django hello takes
  712,000 instructions in the wheel, 805,000 in the executable and 707,000 under bjoern: 12 % less
  than the executable, 0.7 % more than bjoern.
* A Django hello takes 754,000 instructions here and 711,000 under bjoern, which is the difference
  of the two Pythons; 15,000 of them are the server's. (The table below has more: it contains what
  the first requests import.) What this server can win over others there is what they lose: uWSGI
  at 5 x 30 takes 1.3 to 1.8 times the CPU time that it takes at 1 x 1, and less than the latter
  would be less than Python itself takes.
* With 64 connections in a closed loop every answer takes 64 / requests per second on average. No
  server's p99 is below that, which is more than a fifth of uWSGI's p99.
* Huge pages (2 MiB) under the program's text make 1.005x, under Python's heap 0.97x the CPU time of
  Django's hello, less than two runs differ; workers would share less of the heap.
* A view that sleeps costs half as much CPU again as one that does not, with any server: its
  threads find the caches cold. Called in a loop by 64 threads of Python, without a server, the view
  that sleeps for 20 ms takes 437 us of CPU time on an idle machine and 652 us where two other
  processes are busy; the one that does not takes 271 and 335 us. So the goals for that view ask
  for less than Python takes.
* Views that wait for a millisecond or two, as most databases let them, are recognised by the
  kernel's count of waits: 5 x 8 answer 8,360 requests per second that sleep for 2 ms.
* At 5 x 1 bjoern answers all requests that have come before it sends any of the answers. nginx is
  woken less often: 0.7 times per request does a process have to make room for another, here 1.4
  times. Each client waits for the requests of the others in return, which is why this server does
  not do it; alone, at 1 x 1, it takes less CPU time than bjoern.
* jemalloc and mimalloc, preloaded: 0.998x and 0.994x the CPU time for a hello, 1.001x and 1.030x
  for Django's. glibc's allocator stays.
* Giving free memory back after the application was loaded (`malloc_trim`), or fewer arenas
  (`M_ARENA_MAX`), changes the memory of five Django workers by less than two runs differ.
* Link-time and profile-guided optimisation make it slower, see [decision
  7](decisions/0007-no-link-time-optimisation.md).
* Formatting the request log's line in a buffer on the stack saves 700 of 15,900 instructions and
  no CPU time that could be measured; it was taken out again.
* Free-threaded CPython (3.13.5, built with `--disable-gil`), one worker on two cores, wrk with 8
  connections for 5 s: one thread answers 110 requests of 20 ms of pure Python, two 221, 2.0 times
  as many; with the GIL of 3.11 two answer 1.15 times as many as one. Django does not scale so:
  called in a loop, without any server, its hello runs 1,746, 2,548, 1,934 and 1,632 times a second
  in 1, 2, 4 and 8 threads, which contend for the counts of the references that they share. More
  threads than cores pay only where requests wait.
* BOLT 19, with a profile of Django's hello from its own instrumentation, takes 39 % of the taken
  branches away in what it can reorder, which leaves the interpreter's loop out, and makes
  1.06x the CPU time.
"""


def page(scenarios: Iterable[Scenario], results: Results, packet_size: int) -> str:
    """Return the whole page."""
    scenarios = list(scenarios)
    parts = [
        _INTRODUCTION,
        medians.table(results),
        _READING,
        _METHOD.format(warm=WARM_SECONDS, enough=WARM_REQUESTS, packet=packet_size),
        _FINDINGS,
        _goals(results),
        _setting(results),
        "## Scenarios\n",
    ]
    for scenario in scenarios:
        parts.append(_scenario(scenario, results.get(scenario.name)))
    parts.append(_configurations(results))
    return "\n".join(parts)


def _goals(results: Results) -> str:
    lines = ["## Goals\n", "| Scenario | Goal | Measured | |", "|---|---|--:|---|"]
    words = {True: "reached", False: "**not reached**", None: "does not apply"}
    for goal in GOALS:
        verdict = goal.judge(results)
        shown = f"{verdict.measured} | {words[verdict.reached]}" if verdict else "- | not measured"
        lines.append(f"| {goal.what} | {goal.asked} | {shown} |")
    return "\n".join(lines) + "\n"


def _setting(results: Results) -> str:
    """Say on what was measured, once for all scenarios that agree."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, result in results.items():
        versions = ", ".join(f"{key} {value}" for key, value in result.versions.items())
        groups.setdefault((result.machine, versions), []).append(name)
    lines = ["## Machine and versions\n"]
    for (machine, versions), names in groups.items():
        lines.append(f"* {', '.join(f'`{name}`' for name in names)}: {machine}. {versions}.")
    return "\n".join(lines) + "\n"


def _scenario(scenario: Scenario, result: Result | None) -> str:
    head = f"### {scenario.title}\n\n`{scenario.name}`. {scenario.text}\n"
    if result is None:
        return f"{head}\nNot measured yet.\n"
    when = f"Measured {result.measured}, {result.rounds} rounds of {result.seconds:g} seconds."
    tables = [_case(case) for case in result.cases.values()]
    return "\n".join([head, f"{when}\n", *tables])


def _case(case: CaseResult) -> str:
    keys = [k for k in case.keys if any(figures.values(r, k) for r in case.rounds.values())]
    ratios = [key for key in case.ratios if FIGURES[key].ratio]
    titles = [FIGURES[k].title for k in keys] + [f"{FIGURES[k].ratio} x" for k in ratios]
    lines = [
        f"**{case.name}** (`{case.load}`)\n",
        f"| Server | {' | '.join(titles)} |",
        f"|---|{'--:|' * len(titles)}",
    ]
    notes = []
    for label in case.commands:
        rounds = case.rounds.get(label, [])
        cells = [figures.shown(rounds, key) for key in keys]
        cells += [_ratio(case, label, key) for key in ratios]
        lines.append(f"| {label} | {' | '.join(cells)} |")
        errors = max(figures.values(rounds, "errors"), default=0)
        if errors:
            notes.append(f"{label}: up to {errors:,.0f} errors in a round.")
        if label in case.failures:
            notes.append(f"{label} failed: {case.failures[label]}")
    return "\n".join([*lines, *(f"\n{note}" for note in notes)]) + "\n"


def _ratio(case: CaseResult, label: str, key: str) -> str:
    if label == case.subject:
        return ""
    value = figures.ratio(case.rounds.get(case.subject, []), case.rounds.get(label, []), key)
    return "-" if value is None else f"{value:.2f}"


def _configurations(results: Results) -> str:
    """Show every command line once, by server."""
    lines = [
        "## Command lines and configurations\n",
        "nginx, in front and as a server of files, has this configuration (`user root;` too where "
        "root starts it), with one of the blocks below it in place of `...`:\n",
        f"```nginx\n{front.common()}\n```\n",
    ]
    for kind in ("uwsgi", "proxy", "files"):
        lines.append(f"```nginx\n{front.shown(kind)}\n```\n")
    for name, result in results.items():
        lines += [f"### Command lines of {name}\n", "```sh"]
        for case in result.cases.values():
            lines += [f"# {case.name}", *case.commands.values()]
        lines.append("```\n")
    return "\n".join(lines)
