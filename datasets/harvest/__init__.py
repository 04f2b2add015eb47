"""From what is asked to pictures with labels, in two passes: look, then bring."""

from .passes import Harvest, Ways, harvest

__all__ = ["Harvest", "Ways", "harvest"]
