"""Whose pictures the openly licensed sources show, and under which licence: the same every time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .pictures import ReplicaPicture

_LICENCES = (
    ("by", "2.0"), ("by", "4.0"), ("by-sa", "3.0"), ("by-sa", "4.0"), ("by-sa", "4.0"),
    ("by-nc", "2.0"), ("by-nd", "2.0"), ("by-nc-sa", "2.0"), ("cc0", "1.0"), ("pdm", "1.0"),
)  # fmt: skip
_CREATORS = (
    "Ada Example", "Jürgen Muster", "山田 花子", "Studio & Sons", "O'Neill, Kate", "anon_1987",
    "Museum of Examples", "M. <Mia> Sample",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rights:
    """A picture's licence (Creative Commons' code and version) and creator."""

    code: str
    version: str
    creator: str

    @property
    def url(self) -> str:
        """The licence's deed."""
        kind = {"cc0": "publicdomain/zero", "pdm": "publicdomain/mark"}.get(
            self.code, f"licenses/{self.code}"
        )
        return f"https://creativecommons.org/{kind}/{self.version}/"

    @property
    def name(self) -> str:
        """The licence's name."""
        plain = {"cc0": "CC0", "pdm": "Public domain"}.get(self.code)
        return plain or f"CC {self.code.upper()} {self.version}"


def rights_of(picture: ReplicaPicture) -> Rights:
    """The rights in a picture; its copies have the same."""
    lot = Random(f"{picture.pool}/{picture.number}/rights")  # noqa: S311 - pictures, not secrets
    return Rights(*lot.choice(_LICENCES), lot.choice(_CREATORS))


def lacks_metadata(picture: ReplicaPicture) -> bool:
    """Whether a source knows nothing of a picture but its address, as of one in some twenty."""
    lot = Random(f"{picture.code()}/lacks")  # noqa: S311 - pictures, not secrets
    return lot.random() < 0.05
