"""What is asked for: recipes as frozen values, read from TOML, written to it, and chosen."""

from .merging import merge, merge_into, merged_with
from .models import Asked, Label, Recipe, Stratum
from .toml import find, read, shipped

__all__ = [
    "Asked",
    "Label",
    "Recipe",
    "Stratum",
    "find",
    "merge",
    "merge_into",
    "merged_with",
    "read",
    "shipped",
]
