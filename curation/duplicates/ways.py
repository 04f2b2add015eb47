"""What kind of thing a picture shows, drawn or not, as far as pairs of it are judged otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .coarse_screen import cut_out, drawn_in_fills
from .thresholds import PAIRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..arrays import Mask, Places
    from ..images.facts import Facts


class Ways:
    """What pictures show, by place: found when it is first asked, as it may open their thumbs."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self._facts = facts
        self._known = np.zeros(len(facts), dtype=bool)
        self._ways: Places = np.zeros(len(facts), dtype=np.int64)
        self._cut_out = np.zeros(len(facts), dtype=bool)

    def of(self, places: Places) -> Places:
        """The place in WAYS of each."""
        self._ask(places)
        return self._ways[places]

    def cut_out(self, places: Places) -> Mask:
        """Which are a piece of a photograph on a plain ground."""
        self._ask(places)
        return self._cut_out[places]

    def __getitem__(self, places: Places) -> Mask:
        """Which are drawn or on a plain ground: the screen judges their colours closely."""
        self._ask(places)
        drawn: Mask = (self._ways[places] > 0) & ~self._cut_out[places]
        return drawn

    def _ask(self, places: Places) -> None:
        new = np.unique(places[~self._known[places]])
        if not len(new):
            return
        facts = [self._facts[place] for place in new.tolist()]
        self._ways[new] = ways_of(facts)
        self._cut_out[new] = cut_outs(facts, self._ways[new])
        self._known[new] = True


def ways_of(facts: Sequence[Facts]) -> Places:
    """The place in WAYS of each picture: 2 drawn, 1 on a plain ground, 0 a photograph."""
    scores = [fact.scores for fact in facts]
    graphic = np.array([score.get("graphic", 0.0) for score in scores]) >= PAIRS.graphic
    plain = np.array([score.get("placeholder", 0.0) for score in scores]) >= PAIRS.plain_ground
    for place in np.flatnonzero(plain & ~graphic).tolist():
        graphic[place] = drawn_in_fills(facts[place].thumb)
    # The blocks of a smear are flat, whatever it shows.
    smeared = np.array([(fact.jpeg_quality or 100) <= PAIRS.smeared for fact in facts], dtype=bool)
    ways: Places = np.where(smeared, 0, np.where(graphic, 2, np.where(plain, 1, 0)))
    return ways


def cut_outs(facts: Sequence[Facts], ways: Places) -> NDArray[np.bool_]:
    """Which pictures, of `ways_of`, are a piece of a photograph on a plain ground."""
    found: NDArray[np.bool_] = ways > 0
    for place in np.flatnonzero(found).tolist():
        found[place] = _on_ground(facts[place]) and cut_out(facts[place].thumb)
    return found


def _on_ground(fact: Facts) -> bool:
    """Whether it is a thing on a ground, and neither a page nor a few lines."""
    scores = fact.scores
    plain, drawn = scores.get("placeholder", 0.0), scores.get("graphic", 0.0)
    return PAIRS.plain_ground <= plain < PAIRS.page and drawn < PAIRS.line_art
