"""Feed a target with mutated input for a while; count what passes and keep what fails."""

from __future__ import annotations

import contextlib
import hashlib
import random
import signal
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from .mutate import mutated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

CLOCK = 60  # seconds of CPU for one input; more is a finding
_KEPT = 20  # inputs of a target that are kept


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what others wrote.

    `feed` reads one input: True when it got past the header, False when it was refused as it
    promises; whatever else it raises is a finding.
    """

    name: str
    seeds: Sequence[bytes]
    feed: Callable[[bytes], bool]


@dataclass(slots=True)
class Count:
    """What a target's inputs came to; `findings` holds one line for each kind of failure."""

    target: str
    inputs: int = 0
    past: int = 0
    failed: int = 0
    seconds: float = 0.0
    findings: dict[str, str] = field(default_factory=dict)


def inputs(target: Target, seed: int, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """The target's inputs of a seed, each with its number; the same for ever."""
    number = start
    while True:
        yield number, mutated(random.Random(f"{seed} {target.name} {number}"), target.seeds)
        number += 1


def run(target: Target, seed: int, seconds: float, most: int, keep: Path | None = None) -> Count:
    """Feed a target until the time is up or `most` inputs were fed."""
    count = Count(target.name)
    begun = time.monotonic()
    for number, data in inputs(target, seed):
        count.seconds = time.monotonic() - begun
        if number >= most or (number and count.seconds >= seconds):
            return count
        count.inputs += 1
        try:
            with _cpu_clock():
                count.past += target.feed(data)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
            count.failed += 1
            _record(count, error, number, data, keep)
    return count


def _record(count: Count, error: Exception, number: int, data: bytes, keep: Path | None) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = "/".join(frame.filename.split("/")[-2:])
    kind = f"{type(error).__name__} at {where}:{frame.lineno}"
    if kind in count.findings or len(count.findings) >= _KEPT:
        return
    place = ""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        path = keep / f"{count.target.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        place = f"; kept as {path}"
    count.findings[kind] = f"{count.target} input {number}: {kind}: {str(error)[:120]}{place}"


@contextlib.contextmanager
def _cpu_clock() -> Iterator[None]:
    """End an input that takes a minute of CPU (in the main thread, where signals are)."""

    def over(*_: object) -> NoReturn:
        raise TimeoutError(f"more than {CLOCK} s of CPU")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, CLOCK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
