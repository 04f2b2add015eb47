"""From what is asked to pictures with labels, in two passes: look, then bring."""

from .run import Harvest, Ways, harvest

__all__ = ["Harvest", "Ways", "harvest"]
