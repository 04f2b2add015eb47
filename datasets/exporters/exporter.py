"""What every exporter takes and gives: its own settings in, files in a fresh folder, places out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from ..tree.finished import FinishedTree, TreePicture

# The manifest's columns that are another in this export (file_name, shard, …), the same ones for
# every picture: asked of a picture, or a mapping by its id. An empty one: all is as in the tree.
PlaceOf = Callable[["TreePicture"], Mapping[str, Any]]
Places = PlaceOf | Mapping[str, Mapping[str, Any]]
Advance = Callable[[int], None]  # called with the number of pictures written


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Every option that some format knows; None: as the format has it by default.

    `link` is copy, hard or sym (formats of loose pictures); `val_name` names the val folder;
    `flat` leaves the split folders out; `shard_size` counts pictures; `seed` orders shards;
    `url` and `published` (YYYY-MM-DD) go into croissant.json.
    """

    link: str | None = None
    val_name: str | None = None
    flat: bool | None = None
    shard_size: int | None = None
    seed: int | None = None
    url: str | None = None
    published: str | None = None

    def given(self) -> dict[str, object]:
        """The options that were given, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format: the function that writes it and the dataclass of the settings it knows.

    `write(tree, out, settings, advance)` writes the tree into the empty folder `out`, calls
    `advance` with each number of pictures written and returns where each picture lies now; it
    raises UsageError for a setting that cannot be. Every field of `settings` has a default and
    is named like the option that sets it. `finish(tree, out, settings)` is called when the
    export's manifest lies beside what was written, for a format that describes it.
    """

    write: Callable[[FinishedTree, Path, Any, Advance], Places]
    settings: type[Any]
    finish: Callable[[FinishedTree, Path, Any], None] | None = None

    def settings_of(self, options: ExportOptions) -> tuple[Any, list[str]]:
        """This format's settings, and the options that were given but mean nothing to it."""
        known = {field.name for field in fields(self.settings)}
        given = options.given()
        own = {name: value for name, value in given.items() if name in known}
        return self.settings(**own), sorted(given.keys() - known)


def asked(places: Places) -> PlaceOf:
    """Places that are asked of a picture, whichever way an exporter says them."""
    if callable(places):
        return places
    by_id = places
    return lambda picture: by_id.get(picture.id, {})
