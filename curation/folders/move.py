"""Move files aside, never over another, and take it back exactly.

Each move is written into the undo file (one JSON line, synced to disk) before it is done, so that
a run that is killed anywhere can be undone: at every moment a file's bytes lie under its old name,
its new name, or both, and `undo` tells which. The same command run again goes on (`go_on`), in
the same undo file, and ends as if it had not been killed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CurationError, Unreadable, UsageError
from ..images.facts import Facts
from ..images.reading import digest_of
from ..printable import counted, printable
from ..progress import silent
from . import plan as plans
from .plan import Plan, Step
from .relocate import alone_in, free, half_copied, make_folder, move_one, same_file
from .undo_file import UNDO_NAME, cannot_be_written, newest, read, writing
from .walk import absolute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..progress import Progress
    from .undo_file import Write


LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """What one run of `move_aside` did: new places by old place, and the file that undoes it.

    `left` are the files that could not be moved, with the system's reason.
    """

    undo_file: Path | None
    moves: tuple[tuple[Path, Path], ...]
    left: tuple[tuple[Path, str], ...] = ()

    def refuse_left(self) -> None:
        """Raise CurationError where a file could not be moved."""
        if self.left:
            path, why = self.left[0]
            files = counted(len(self.left), "file")
            raise CurationError(
                f"{files} could not be moved (the first: {printable(path)}: {why}); the others "
                "are: see to it and run the same command again"
            )


class _Stays(Exception):
    """One file that cannot be moved, and why."""


@dataclass(frozen=True, slots=True)
class MovedBack:
    """What `undo` did.

    `restored` are back, `already` were in place. `refused` stay where they were moved to, because
    another file has their old place or their folder's name now, or the system refuses; `missing`
    are at neither place.
    """

    restored: tuple[Path, ...]
    already: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...]
    missing: tuple[Path, ...]


def move_aside(
    files: Iterable[tuple[Path, Mapping[str, Any]]],
    *,
    root: Path,
    to: Path,
    asked: Mapping[str, Any] | None = None,
    onto: Moved | None = None,
    progress: Progress = silent,
) -> Moved:
    """Move each file to the same place under `to` as it has under `root`; keep the reason.

    A name that is taken gets a number (`cat.jpg` → `cat-2.jpg`). `asked`, which JSON can tell, is
    by what a run that goes on knows this one; `onto` is what `go_on` did, and is gone on with in
    its undo file. A file that cannot be moved ends nothing: the report names it. Raises UsageError
    when `to` cannot be made or lies where the files come from, or below it, or while another run
    moves files there.
    """
    todo = [(absolute(path), reason) for path, reason in files]
    root, to = absolute(root), absolute(to)
    refuse_inside(root, to)
    before = onto or Moved(None, ())
    if not todo:
        return before
    make_folder(to)
    with alone_in(to):
        new = before.undo_file is None
        undo_path = before.undo_file or free(to / UNDO_NAME)
        steps = tuple(Step.of(path, reason) for path, reason in todo)
        plan = Plan(undo_path, root, _as_json(asked), steps)
        try:
            plan.keep()
        except OSError as error:
            raise cannot_be_written(to, error) from error
        done = _carry_out(plan, new=new, progress=progress)
        if new and not done.moves:
            undo_path.unlink()  # there is nothing to take back
    return Moved(
        None if new and not done.moves else undo_path,
        before.moves + done.moves,
        before.left + done.left,
    )


def go_on(
    *, root: Path, to: Path, asked: Mapping[str, Any], progress: Progress = silent
) -> Moved | None:
    """Finish what a run with the same `root`, `to` and `asked` was moving when it was stopped.

    To be called before the folder is looked at again. What has changed since then stays where it
    is, to be judged anew. None where no run was stopped.
    """
    root, to = absolute(root), absolute(to)
    if plans.unfinished(to, root, _as_json(asked)) is None:
        return None
    with alone_in(to):
        plan = plans.unfinished(to, root, _as_json(asked))
        if plan is None:
            return None  # another run has just done it
        return _carry_out(plan, new=False, progress=progress)


def _carry_out(plan: Plan, *, new: bool, progress: Progress) -> Moved:
    """Move what is left of a plan, then forget it."""
    to = plan.undo_path.parent
    moves: list[tuple[Path, Path]] = []
    left: list[tuple[Path, str]] = []
    with writing(plan.undo_path, new=new) as write, progress("move", len(plan.steps)) as advance:
        for step in plan.steps:
            if new or step.holds():
                target = to / step.source.relative_to(plan.root)
                try:
                    moved_to = _recorded_move(step.source, target, step.reason, write)
                except _Stays as error:
                    left.append((step.source, str(error)))
                else:
                    moves += [(step.source, moved_to)] if moved_to is not None else []
            advance(1)
    plan.forget()
    return Moved(plan.undo_path, tuple(moves), tuple(left))


def _as_json(asked: Mapping[str, Any] | None) -> Any:
    return json.loads(json.dumps(asked))


def still_holds(seen: Mapping[Path, Facts | Unreadable]) -> Callable[[Path], bool]:
    """Whether a file still holds the picture that was seen in it: no other one goes in its place.

    Nor does a copy whose keeper holds another one by now. What was no picture is not asked again.
    """

    @cache
    def holds(path: Path) -> bool:
        what = seen.get(path)
        if not isinstance(what, Facts):
            return True
        try:
            same = digest_of(path) == what.sha256
        except Unreadable:
            same = False
        if not same:
            LOG.warning("%s is gone or holds another picture by now: nothing is moved for it", path)
        return same

    return holds


def refuse_inside(root: Path, to: Path) -> None:
    """Raise UsageError where `to` cannot be: is a file, is `root` or lies below it, links followed,
    or in a folder that may not be written.

    What is moved below `root` would be found and compared again by the next run.
    """
    if to.exists() and not to.is_dir():
        raise UsageError(f"{to}: is a file; expected a folder to make")
    inner, outer = to.resolve(), root.resolve()
    if inner == outer:
        raise UsageError(f"{to}: that is the folder itself; name another one to move to")
    if outer in inner.parents:
        raise UsageError(f"{to}: lies inside {root}, which is looked through; name one outside it")
    there = next(folder for folder in (to, *absolute(to).parents) if folder.is_dir())
    effective = os.access in os.supports_effective_ids
    if not os.access(there, os.W_OK | os.X_OK, effective_ids=effective):
        raise UsageError(f"{to}: {there} may not be written; name another place")


def _recorded_move(
    source: Path, target: Path, reason: Mapping[str, Any], write: Write
) -> Path | None:
    """Write the intent, then move to `target` or a free neighbour; None where the file is gone."""
    while os.path.lexists(source):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _stays(error, target.parent) from error
        target = free(target)
        write({"from": str(source), "to": str(target), **reason})
        try:
            move_one(source, target)
        except FileExistsError:  # the name was just taken
            write({"void": True})
        except OSError as error:
            write({"void": True})
            if os.path.lexists(source):
                raise _stays(error, target) from error
        else:
            return target
    LOG.warning("%s is gone: nothing was moved", source)
    return None


def _stays(error: OSError, target: Path) -> Exception:
    """What to raise where a file cannot be moved: on a full disk no other can be either."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return cannot_be_written(target.parent, error)
    return _Stays(error.strerror or str(error))


def undo(undo_file: Path, *, progress: Progress = silent) -> MovedBack:
    """Put back what an undo file records, the last move first; run it again to go on.

    `undo_file` may be the folder that was moved to: then its newest undo file is meant. When
    everything is back the undo file is renamed to `….done`; otherwise it stays. Raises UsageError
    for what is no undo file.
    """
    path = newest(undo_file) if undo_file.is_dir() else undo_file
    entries = read(path)
    with alone_in(path.parent):
        plans.forget(path)  # a run that was stopped is taken back, not gone on with
        return _put_back(path, entries, progress)


def _put_back(path: Path, entries: list[dict[str, str]], progress: Progress) -> MovedBack:
    restored: list[Path] = []
    already: list[Path] = []
    refused: list[tuple[Path, str]] = []
    missing: list[Path] = []
    with progress("undo", len(entries)) as advance:
        for entry in reversed(entries):
            source, target = Path(entry["from"]), Path(entry["to"])
            try:
                half_copied(target).unlink(missing_ok=True)
                if not os.path.lexists(target):
                    (already if os.path.lexists(source) else missing).append(source)
                elif not os.path.lexists(source):
                    make_folder(source.parent)
                    move_one(target, source)
                    restored.append(source)
                elif same_file(source, target):
                    target.unlink()  # a run was stopped between copying and removing
                    already.append(source)
                else:
                    refused.append((source, f"another file has that name now; yours is {target}"))
            except UsageError as error:  # a file has the folder's name now
                refused.append((source, f"{error}; yours is {target}"))
            except OSError as error:
                refused.append((source, f"{error.strerror or error}; yours is {target}"))
            advance(1)
    if not refused:
        _sweep(path.parent, entries)
        path.rename(free(path.with_name(path.name + ".done")))
    return MovedBack(tuple(restored), tuple(already), tuple(refused), tuple(missing))


def _sweep(top: Path, entries: list[dict[str, str]]) -> None:
    """Remove the folders that the moves left empty again; never the top one."""
    folders = {folder for entry in entries for folder in Path(entry["to"]).parents}
    inside = [folder for folder in folders if top in folder.parents]
    for folder in sorted(inside, key=lambda folder: len(folder.parts), reverse=True):
        with contextlib.suppress(OSError):  # not empty: somebody else's
            folder.rmdir()
