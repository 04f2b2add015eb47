"""The catalogue, the only SQL: what was seen, fetched, measured, decided and placed.

`store` opens the file and gives transactions; `schema` holds the tables. `searches`, `images`,
`measurements`, `families`, `decisions` and `placements` are functions over a `Catalogue`, one
module for each stage that writes.
"""

from .store import Catalogue, now

__all__ = ["Catalogue", "now"]
