"""How long a search takes at a pace, before it is begun: a rough figure for a person's plans.

Fitted to runs against the replica (benchmarks/NOTES.md, "replica_run"): 600 results of one
engine take 108 s at a person's pace and 22 s at none; no real engine was timed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..engines import asks_api
from ..pace import PACES

if TYPE_CHECKING:
    from ..engines import Engine
    from ..pace import Tempo

_START = 4.0  # seconds until a browser shows the first page
_EACH = 0.035  # seconds that a browser needs for a result, whatever the pace
_A_SCREEN = 11.0  # results that a viewport's height holds
_ANSWER = 0.6  # seconds that an API takes to answer
_AN_ANSWER = 35.0  # results of an API's answer


def expected_seconds(engine: Engine, results: int, pace: str) -> float:
    """Seconds for one search of so many results, its pause before the next one included."""
    tempo = PACES[pace]
    if asks_api(engine):
        gap = 0.0 if pace == "none" else engine.MANNERS.gap
        return math.ceil(results / _AN_ANSWER) * (gap + _ANSWER)
    rounds = results / (_A_SCREEN * _screens(tempo))
    paused = rounds * (_mean(tempo, "look") + _scrolled(tempo))
    return _START + max(paused, results * _EACH) + _mean(tempo, "query")


def _screens(tempo: Tempo) -> float:
    """Viewport heights that one scroll moves on by, on average."""
    stride = sum(tempo.stride) / 2
    return sum(tempo.steps) / 2 * stride * (1 - tempo.back / 2)


def _scrolled(tempo: Tempo) -> float:
    return sum(tempo.steps) / 2 * (1 + tempo.back) * _mean(tempo, "step")


def _mean(tempo: Tempo, kind: str) -> float:
    """The mean of a pause: of a log-normal distribution it lies above the median."""
    above = math.exp(tempo.spread**2 / 2)
    plain = tempo.medians.get(kind, 0.0) * above
    if kind != "look":
        return plain
    return (1 - tempo.rest) * plain + tempo.rest * tempo.rest_median * above
