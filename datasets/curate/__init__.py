"""From pictures to verdicts: measured once, judged anew each time, every word on record."""

from .judging import CurateReport, Kept, curate, kept, recipe_of

__all__ = ["CurateReport", "Kept", "curate", "kept", "recipe_of"]
