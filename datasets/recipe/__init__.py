"""What is asked for: recipes as frozen values, read from TOML, written to it, and chosen."""

from .models import Asked, Label, Recipe, Stratum, find, merge, shipped

__all__ = ["Asked", "Label", "Recipe", "Stratum", "find", "merge", "shipped"]
