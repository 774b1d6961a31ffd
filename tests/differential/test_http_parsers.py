# SPDX-License-Identifier: MIT
"""What this server takes for a request, llhttp or h11 take for the same request."""

from __future__ import annotations

import random

import pytest
from generator import generate, mutate
from parsers import Reading, read_by_h11, read_by_llhttp, read_by_us

SEEDS = range(20)
PER_SEED = 5000


def _inputs(seed: int) -> list[bytes]:
    rng = random.Random(seed)
    inputs = []
    for _ in range(PER_SEED):
        request = generate(rng)
        inputs.append(mutate(rng, request) if rng.random() < 0.5 else request)
    return inputs


def _has_raw_bytes(target: bytes) -> bool:
    """Tell whether a target has bytes that should be escaped.

    nginx and every CGI server take them, and clients send them: the one thing that we
    accept on purpose and both others refuse.
    """
    return any(byte >= 0x80 for byte in target)


def _disagreement(ours: Reading, theirs: Reading | str) -> str:
    if isinstance(theirs, str):
        return ""
    pairs = zip(Reading._fields, ours, theirs)
    return "; ".join(f"{name}: {a!r} and {b!r}" for name, a, b in pairs if a != b)


@pytest.mark.parametrize("seed", SEEDS)
def test_we_read_what_others_read(driver: str, seed: int) -> None:
    inputs = _inputs(seed)
    accepted = 0
    problems = []
    for data, ours in zip(inputs, read_by_us(driver, inputs)):
        if isinstance(ours, str):
            continue
        accepted += 1
        others = {"llhttp": read_by_llhttp(data), "h11": read_by_h11(data)}
        is_alone = all(isinstance(other, str) for other in others.values())
        if is_alone and not _has_raw_bytes(ours.target):
            problems.append(f"{data!r}: only we accept it; they say {others}")
        for name, other in others.items():
            difference = _disagreement(ours, other)
            if difference:
                problems.append(f"{data!r}: {name} reads it differently: {difference}")
    assert not problems, "\n".join([f"{len(problems)} problems", *problems[:20]])
    assert accepted > PER_SEED / 20, "the generator makes too few good requests"
