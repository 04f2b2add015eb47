"""From pictures to verdicts: measured once, decided anew each time, every word on record."""

from .decide import CurateReport, PairStatement, curate, recipe_of
from .kept import Kept, kept

__all__ = ["CurateReport", "Kept", "PairStatement", "curate", "kept", "recipe_of"]
