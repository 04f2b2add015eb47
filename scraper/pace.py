"""How fast a person would go: pauses and scroll steps, as a value that is passed in.

A pause is drawn from a log-normal distribution (most are short, a few are long, none is
negative), now and then a longer rest comes, and a scroll sometimes goes back a little. The
same name and seed give the same pauses and steps. This is the only place that sleeps, and it
sleeps on an Event: `stop()` wakes it.
"""

from __future__ import annotations

import math
import random
import threading
import time
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Tempo:
    """What a named pace is made of.

    `medians` are seconds by kind of pause: `step` between two scroll steps, `look` at what a
    scroll brought, `click` before a click, `retry` before an empty page is loaded again,
    `query` between two searches. `spread` is the sigma of the logarithm, `rest` the chance
    that a look becomes a rest (median `rest_median` seconds), `back` the chance that a scroll
    goes back. A scroll has `steps` (fewest, most) steps of `stride` (shortest, longest)
    viewport heights. `grace` is how long, in seconds, a page's end is watched for growth
    after a look's pause, while nothing comes; it is not counted as waited.
    """

    medians: Mapping[str, float]
    spread: float
    rest: float
    rest_median: float
    back: float
    steps: tuple[int, int]
    stride: tuple[float, float]
    grace: float


# A median of 1.4 s between scrolls and strides of a third of a screen are what a person who
# skims a picture wall does; nothing here is measured, and nothing depends on it being exact.
_HUMAN = Tempo(
    medians=MappingProxyType(
        {"step": 0.25, "look": 1.4, "click": 0.9, "retry": 6.0, "query": 4.0},
    ),
    spread=0.45,
    rest=0.07,
    rest_median=6.0,
    back=0.08,
    steps=(3, 7),
    stride=(0.15, 0.55),
    grace=0.5,
)
_BRISK = Tempo(
    medians=MappingProxyType(
        {"step": 0.06, "look": 0.35, "click": 0.3, "retry": 2.0, "query": 1.0},
    ),
    spread=0.35,
    rest=0.03,
    rest_median=2.0,
    back=0.04,
    steps=(2, 5),
    stride=(0.5, 0.9),
    grace=1.5,
)
_NONE = Tempo(
    medians=MappingProxyType({}),
    spread=0.0,
    rest=0.0,
    rest_median=0.0,
    back=0.0,
    steps=(4, 4),
    stride=(0.9, 0.9),
    grace=1.0,
)
PACES: Mapping[str, Tempo] = MappingProxyType({"human": _HUMAN, "brisk": _BRISK, "none": _NONE})

# The longest that a draw may be, as a multiple of its median: a tail, not a stall.
_LONGEST = 4.0


@dataclass(slots=True)
class Pace:
    """One browser's pace: `waited` sums the pauses drawn so far, `stop()` wakes a pause.

    A pause is the gap between two actions, as a server sees it: what reading and scrolling
    took since the last pause is part of it, not added to it.
    """

    name: str
    seed: int
    tempo: Tempo
    waited: float = 0.0
    clock: Callable[[], float] = time.monotonic
    _resumed: float = field(init=False, repr=False)
    _random: random.Random = field(init=False, repr=False)
    _woken: threading.Event = field(init=False, repr=False, default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._resumed = self.clock()
        # Not for secrets: a seeded, reproducible draw is wanted.
        self._random = random.Random(f"{self.name}:{self.seed}")  # noqa: S311

    @property
    def grace(self) -> float:
        """Seconds that a page's end is watched for growth."""
        return self.tempo.grace

    @property
    def hurries(self) -> bool:
        """Tell whether nothing is waited between two scroll steps."""
        return not self.tempo.medians.get("step")

    def draw(self, kind: str) -> float:
        """Draw a pause of that kind in seconds, without waiting; 0.0 for an unknown kind."""
        median = self.tempo.medians.get(kind, 0.0)
        if kind == "look" and self._random.random() < self.tempo.rest:
            median = self.tempo.rest_median
        if median <= 0:
            return 0.0
        drawn = self._random.lognormvariate(math.log(median), self.tempo.spread)
        return min(drawn, median * _LONGEST)

    def pause(self, kind: str) -> float:
        """Wait as long as a person would; returns the seconds drawn, at once when stopped."""
        drawn = self.draw(kind)
        spent = min(self.clock() - self._resumed, drawn)
        if drawn and not self._woken.wait(drawn - spent):
            self.waited += drawn
        self._resumed = self.clock()
        return drawn

    def hold(self, seconds: float) -> None:
        """Wait until so many seconds have passed since the last pause, at once when stopped."""
        left = seconds - (self.clock() - self._resumed)
        if left > 0 and not self._woken.wait(left):
            self.waited += left
        self._resumed = self.clock()

    def steps(self) -> Iterator[float]:
        """Yield one scroll's steps in viewport heights: uneven, small, rarely one back."""
        fewest, most = self.tempo.steps
        for _ in range(self._random.randint(fewest, most)):
            stride = self._random.uniform(*self.tempo.stride)
            if self._random.random() < self.tempo.back:
                yield -stride / 2
            yield stride

    def stop(self) -> None:
        """Wake the pause that is being waited and skip the ones to come."""
        self._woken.set()

    def resume(self) -> None:
        """Pause again after a `stop()`."""
        self._woken.clear()


def pace(name: str = "human", seed: int = 0) -> Pace:
    """Return the pace of that name (`human`, `brisk` or `none`); UsageError for another name."""
    if name not in PACES:
        raise UsageError(f"pace {name!r}: expected one of {', '.join(PACES)}")
    return Pace(name, seed, PACES[name])
