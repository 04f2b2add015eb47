"""Whether a dataset is curated already, told by sizes and times alone, and what was found then.

A curation is a function of the catalogue, the recipe and pixset's own code. When one has ended
well, a digest of them, and of the pictures as they lie there, is noted beside the catalogue with
what the next one would report. As long as it holds there is nothing to measure or to decide.
Whatever differs, and be it a time, is left to the whole way, which looks closer.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ...curation.printable import json_text
from ..errors import DatasetError
from ..files import read_record, write_file
from ..files_state import TICK, state_of
from .report import from_note, to_note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..catalogue import Catalogue
    from ..project import Project
    from ..recipe.models import Recipe
    from .report import CurateReport


def known_report(project: Project, recipe: Recipe, *, compare: bool) -> CurateReport | None:
    """What a curation by this recipe would report; None where something may be left to do.

    `compare` asks for families of all that is there, not for those that an earlier run found.
    """
    note: Mapping[str, Any] = read_record(project.root, project.curated.name)
    try:
        if note["catalogue"] != _catalogue(project) or (compare and not note["compared"]):
            return None
        report = from_note(note["report"])
    except (KeyError, TypeError, ValueError, AttributeError):  # none, or another version's
        return None
    state = _state(project, recipe)
    return report if state is not None and state == note.get("state") else None


def note_report(
    project: Project, cat: Catalogue, recipe: Recipe, report: CurateReport, *, compared: bool
) -> None:
    """Note what the next curation would report, once the catalogue is closed.

    `compared`: the families are those of all that is there.
    """

    def write() -> None:
        state = _state(project, recipe)
        if state is not None:
            note = {"pixset": True, "state": state, "compared": compared, "report": to_note(report)}
            _write(project, note)

    cat.when_closed(write)


def carry_note(project: Project, cat: Catalogue) -> None:
    """Let the note hold after what is now written to the catalogue: no curation depends on it."""
    note = read_record(project.root, project.curated.name)
    if note and note.get("catalogue") == _catalogue(project):
        cat.when_closed(lambda: _write(project, note))


def _write(project: Project, note: Mapping[str, object]) -> None:
    """Write a note for the catalogue as it is, while no other process may write to that."""
    since = time.time_ns() - max((written for written, _ in project.written()), default=0)
    if since < 0:  # a clock that was set back: a later write could have any time
        return
    time.sleep(max(0, TICK - since) / 1e9)  # so that whatever is written later has a later time
    whole = {**note, "catalogue": _catalogue(project)}
    with suppress(DatasetError):  # a disk that is full: the next curation goes the whole way
        write_file(project.curated, (json_text(whole) + "\n").encode())


def _catalogue(project: Project) -> str:
    return hashlib.sha256(json.dumps(project.written()).encode()).hexdigest()


def _state(project: Project, recipe: Recipe) -> str | None:
    asked = asdict(replace(recipe, per_class=None, source_text=""))  # how its file is written
    state = state_of(json.dumps(asked, sort_keys=True, default=_plain), (project.images,))
    return state.digest if state is not None else None


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
