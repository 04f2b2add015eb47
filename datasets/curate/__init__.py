"""From pictures to verdicts: measured once, decided anew each time, every word on record."""

from ..recipe.toml import recipe_of
from .decide import PairStatement, curate
from .kept import Kept, kept
from .report import CurateReport

__all__ = ["CurateReport", "Kept", "PairStatement", "curate", "kept", "recipe_of"]
