"""Many kinds of pictures, drawn from a number: pairs that are no copies, and true copies.

`KINDS` maps a kind to a function of a random generator and of whether the other picture of the pair
is wanted: one small thing in it is another. `false_pair` and `true_pair` make files of them.
"""

from .cards import CARDS
from .making import false_pair, true_pair
from .papers import PAPERS
from .scenes import SCENES
from .screens import SCREENS
from .things import THINGS

KINDS = {**PAPERS, **CARDS, **THINGS, **SCENES, **SCREENS}

__all__ = ["KINDS", "false_pair", "true_pair"]
