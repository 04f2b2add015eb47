"""From what is asked to pictures with labels, in two passes: search, then download."""

from .run import CollectOptions, CollectReport, collect

__all__ = ["CollectOptions", "CollectReport", "collect"]

# The names of 0.1, kept for its users.
Harvest = CollectReport
Ways = CollectOptions
harvest = collect
